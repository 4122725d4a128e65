import { type Task, UpdateClusterSettingsCommand } from "@aws-sdk/client-ecs";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Spinner from "@cloudscape-design/components/spinner";
import { useQuery } from "@tanstack/react-query";
import { ecs } from "../lib/clients";
import { clusterQuery } from "../lib/ecs";
import { isEnhanced, taskCharts } from "../lib/known-charts";
import { awsCommand, errorText } from "../lib/text";
import { Action } from "./action";
import { CopyCommand } from "./copy-command";
import { Metrics } from "./metric-chart";

const SETTING = { name: "containerInsights" as const, value: "enhanced" };

/** What one task uses, or why nobody knows it and what turns that on. */
export function TaskMetrics({ cluster, task }: { cluster: string; task: Task }) {
  const { data, error } = useQuery(clusterQuery(cluster));
  if (data && isEnhanced(data)) return <Metrics title="Metrics" charts={taskCharts(task)} />;
  if (data) return <NotMeasured cluster={cluster} />;
  if (error || data === null) {
    return (
      <Alert type="error" header="The metrics cannot be shown">
        {error ? errorText(error) : `There is no cluster ${cluster} any more.`}
      </Alert>
    );
  }
  return (
    <Box padding="l" textAlign="center">
      <Spinner /> Loading the cluster's settings
    </Box>
  );
}

function NotMeasured({ cluster }: { cluster: string }) {
  const command = awsCommand("ecs update-cluster-settings", {
    cluster,
    settings: `name=${SETTING.name},value=${SETTING.value}`,
  });
  return (
    <SpaceBetween size="m">
      <Header variant="h2" actions={<CopyCommand command={command} />}>
        Metrics
      </Header>
      <Box textAlign="center" padding="l" color="text-body-secondary">
        <SpaceBetween size="s">
          <Box variant="strong" color="inherit">
            Single tasks of cluster {cluster} are not measured
          </Box>
          <Box color="inherit">
            Container Insights with enhanced observability tells the CPU and memory of each task and
            container. The service's metrics are there without it.
          </Box>
          <Action
            label="Turn on enhanced observability"
            title={`Measure single tasks of ${cluster}?`}
            command={command}
            run={() => ecs.send(new UpdateClusterSettingsCommand({ cluster, settings: [SETTING] }))}
            done={`Tasks of ${cluster} are measured: the first points come within half a minute.`}
            kinds={["cluster"]}
          >
            <Box>
              Setting containerInsights of the cluster becomes enhanced. Each task takes two metrics, and two
              more for each container.
            </Box>
          </Action>
        </SpaceBetween>
      </Box>
    </SpaceBetween>
  );
}
