import type { Service } from "@aws-sdk/client-ecs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { policiesQuery, scalableTargetQuery } from "../lib/scaling";
import { nameOf } from "../lib/text";
import { Details } from "./details";
import { ScalingActivities } from "./scaling-activities";
import { ScalingCurves } from "./scaling-curve";
import { ScalingPolicies } from "./scaling-policies";
import { ScalingSchedules } from "./scaling-schedules";
import { ScalingTarget } from "./scaling-target";

/** The tab of a service's page about what moves its desired count. */
export default function AutoScaling({ service }: { service: Service }) {
  const cluster = nameOf(service.clusterArn);
  const name = service.serviceName ?? "";
  const { data: target, error } = useQuery(scalableTargetQuery(cluster, name));
  // Their curves stand above the rest: what is below would make place for them.
  const { isPending } = useQuery(policiesQuery(cluster, name));
  // A service without bounds has a target of null, which is no missing resource here.
  const query = { data: target === undefined || isPending ? undefined : { target }, error };
  return (
    <Details noun="scalable target" query={query}>
      {({ target }) => (
        <SpaceBetween size="l">
          <ScalingTarget
            cluster={cluster}
            service={name}
            target={target}
            desired={service.desiredCount ?? 0}
          />
          <ScalingCurves service={service} />
          <ScalingPolicies service={service} isScaled={target !== null} />
          <ScalingSchedules cluster={cluster} service={name} isScaled={target !== null} />
          <ScalingActivities cluster={cluster} service={name} />
        </SpaceBetween>
      )}
    </Details>
  );
}
