import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Grid from "@cloudscape-design/components/grid";
import Header from "@cloudscape-design/components/header";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import {
  type Chart,
  domain,
  FIRST_RANGE,
  type Look,
  measure,
  type Plotted,
  type Point,
  RANGES,
  type Range,
  tickText,
  type Unit,
} from "../lib/charts";
import { chartsCommand, chartsQuery } from "../lib/metrics";
import { errorText } from "../lib/text";
import { clock, dayOf, zoneName } from "../lib/times";
import { CopyCommand } from "./copy-command";
import { lazily, Part, Waiting } from "./lazily";

// Charts are the largest of Cloudscape's components: no page waits for them.
const LineChart = lazily(() => import("@cloudscape-design/components/line-chart"));
const HEIGHT = 180;
// Of its axis, titles and legend: the place is kept until the chart is there.
const AROUND = 70;
const DAY = 86_400;

/** A line that is no metric's, beside those that are. */
interface Extra {
  title: string;
  points: Point[];
}

interface Props {
  title: string;
  charts: Chart[];
  description?: string;
  /** What else a chart shows of the same time, by its index. */
  extra?: (chart: number, span: { begin: Date; end: Date }) => Extra | undefined;
}

/** Charts of one span of time, drawn again as time passes. */
export function Metrics({ title, charts, description, extra }: Props) {
  const [rangeId, setRange] = useState(FIRST_RANGE);
  const range = RANGES.find(({ id }) => id === rangeId) ?? (RANGES[0] as Range);
  const { data, error } = useQuery(chartsQuery(charts, range));
  return (
    <SpaceBetween size="m">
      <Header
        variant="h2"
        description={[description, `Times are in ${zoneName(new Date())}.`].filter(Boolean).join(" ")}
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <SegmentedControl
              label={`Range of ${title}`}
              selectedId={range.id}
              options={RANGES.map(({ id, label }) => ({ id, text: label }))}
              onChange={({ detail }) => setRange(detail.selectedId)}
            />
            {data && <CopyCommand command={chartsCommand(charts, data)} />}
          </SpaceBetween>
        }
      >
        {title}
      </Header>
      {error && (
        <Alert type="error" header="The metrics cannot be shown">
          {errorText(error)}
        </Alert>
      )}
      <Grid gridDefinition={charts.map(() => ({ colspan: { default: 12, m: charts.length > 1 ? 6 : 12 } }))}>
        {charts.map((chart, index) => (
          <Container key={chart.title} fitHeight header={<Header variant="h3">{chart.title}</Header>}>
            <MetricChart chart={chart} index={index} plotted={data} extra={data && extra?.(index, data)} />
          </Container>
        ))}
      </Grid>
    </SpaceBetween>
  );
}

interface ChartProps {
  chart: Look;
  /** Which of the plotted charts it is. */
  index: number;
  plotted: Plotted | undefined;
  extra?: Extra | undefined;
}

/** One chart; while its first points are asked for, the place that it takes. */
export function MetricChart({ chart, index, plotted, extra }: ChartProps) {
  const known = plotted?.charts[index];
  if (!plotted || !known) return <Waiting noun="chart" height={HEIGHT + AROUND} />;
  const lines = extra ? [...known, extra.points] : known;
  const titles = [...chart.lines, ...(extra ? [extra] : [])].map(({ title }) => title);
  const { begin, end } = plotted;
  const format = (value: number) => measure(value, chart.unit);
  const drawn = titles.map((title, line) => ({
    type: "line" as const,
    title,
    data: lines[line] ?? [],
    valueFormatter: format,
  }));
  const { threshold } = chart;
  const limit = threshold && { type: "threshold" as const, ...threshold, valueFormatter: format };
  const isEmpty = lines.every((points) => points.length === 0);
  return (
    <Part noun="chart" height={HEIGHT + AROUND}>
      <LineChart
        series={isEmpty ? [] : limit ? [...drawn, limit] : drawn}
        xDomain={[begin, end]}
        yDomain={domain(lines, threshold?.y)}
        xScaleType="time"
        xTickFormatter={(at) => tick(new Date(at), end.getTime() - begin.getTime() > DAY * 1000)}
        yTickFormatter={(value) => tickText(value, chart.unit)}
        ariaLabel={chart.title}
        ariaDescription={described(titles, chart.unit, lines)}
        i18nStrings={{
          legendAriaLabel: `Lines of ${chart.title}`,
          detailPopoverDismissAriaLabel: "Close",
          chartAriaRoleDescription: "line chart",
          xAxisAriaRoleDescription: "time",
          yAxisAriaRoleDescription: "value",
        }}
        height={HEIGHT}
        hideFilter
        empty={<Nothing text={chart.empty} />}
      />
    </Part>
  );
}

function Nothing({ text }: { text: string | undefined }) {
  return (
    <Box textAlign="center" color="text-body-secondary">
      <Box variant="strong">No point in this range</Box>
      {text && <Box>{text}</Box>}
    </Box>
  );
}

/** The last value of each line, for those who do not see it. */
function described(titles: string[], unit: Unit, points: Point[][]): string {
  return titles
    .map((title, index) => {
      const last = points[index]?.at(-1);
      return `${title}: ${last ? measure(last.y, unit) : "no point"}`;
    })
    .join("; ");
}

const tick = (at: Date, withDate: boolean) => (withDate ? `${dayOf(at)}\n${clock(at)}` : clock(at));
