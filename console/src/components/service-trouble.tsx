import type { Service } from "@aws-sdk/client-ecs";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { troubleOf } from "../lib/troubles";
import { lazily, Part } from "./lazily";
import { PageLink, paths } from "./link";

// It asks EC2, whose client is large and seldom needed here.
const WrongVpc = lazily(() => import("./wrong-vpc"));

/** What keeps a service from its steady state, in AWS's words, and what mends it; nothing where all is well. */
export function ServiceTrouble({ cluster, service }: { cluster: string; service: Service }) {
  const trouble = troubleOf(service);
  if (!trouble) return null;
  return (
    <Alert type="warning" header="What keeps it from its steady state">
      <SpaceBetween size="xs">
        <Box>{trouble.said}</Box>
        {trouble.wrongVpc && (
          <Part noun="VPC of the instance">
            <WrongVpc {...trouble.wrongVpc} />
          </Part>
        )}
        <Box>
          {trouble.mend}{" "}
          {trouble.wrongVpc ? (
            <PageLink to={paths.runInstances(cluster)}>Run instances</PageLink>
          ) : (
            <PageLink to={`${paths.cluster(cluster)}?tab=instances`}>Container instances</PageLink>
          )}
        </Box>
      </SpaceBetween>
    </Alert>
  );
}
