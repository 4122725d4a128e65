import type { MetricAlarm } from "@aws-sdk/client-cloudwatch";
import Alert from "@cloudscape-design/components/alert";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import { useQuery } from "@tanstack/react-query";
import { conditionOf } from "../lib/alarm-form";
import { watchedQuery } from "../lib/alarms";
import type { Look } from "../lib/charts";
import { errorText } from "../lib/text";
import { MetricChart } from "./metric-chart";

/** What an alarm sees, in its own periods, and the line that it must not pass. */
export function AlarmChart({ alarm }: { alarm: MetricAlarm }) {
  const { data, error } = useQuery(watchedQuery(alarm));
  const y = alarm.Threshold;
  const chart: Look = {
    title: "What it sees",
    unit: "number",
    lines: [{ title: alarm.MetricName ?? "Expression" }],
    ...(y !== undefined && Number.isFinite(y) && { threshold: { title: "Threshold", y } }),
    empty: "The alarm goes by how it treats missing data.",
  };
  return (
    <Container
      header={
        <Header variant="h2" description={`${conditionOf(alarm)}. Times are in UTC.`}>
          {chart.title}
        </Header>
      }
    >
      {error && (
        <Alert type="error" header="The metric cannot be shown">
          {errorText(error)}
        </Alert>
      )}
      <MetricChart chart={chart} index={0} plotted={data} />
    </Container>
  );
}
