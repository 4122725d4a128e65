import { type Moment, type Phases, thinned } from "../lib/deployment-timeline";
import { clockSeconds, zoneName } from "../lib/times";
import { lazily, Part } from "./lazily";

const AreaChart = lazily(() => import("@cloudscape-design/components/area-chart"));
const HEIGHT = 200;
const MOMENTS_MAX = 150;

const SERIES: { title: string; side: "newer" | "older"; phase: keyof Phases; isRare?: boolean }[] = [
  { title: "New: running", side: "newer", phase: "running" },
  { title: "New: pending", side: "newer", phase: "pending" },
  { title: "Old: running", side: "older", phase: "running" },
  { title: "Old: draining", side: "older", phase: "draining" },
  // Of deployments that fail: last, so that the colours of the others stay.
  { title: "New: draining", side: "newer", phase: "draining", isRare: true },
  { title: "Old: pending", side: "older", phase: "pending", isRare: true },
];

interface Props {
  moments: Moment[];
  begin: number;
  end: number;
  /** How it stands, for those who do not see it. */
  description: string;
}

/** Where each moment's counts begin, and where they end as the next begins: areas have steps. */
function corners(moments: Moment[], end: number): Moment[] {
  return moments.flatMap((moment, index) => {
    const next = moments[index + 1]?.at ?? end;
    return next - 1 > moment.at ? [moment, { ...moment, at: next - 1 }] : [moment];
  });
}

/** New and old tasks over time, one on the other. */
export function TimelineChart({ moments, begin, end, description }: Props) {
  const drawn = corners(thinned(moments, MOMENTS_MAX), end);
  const most = Math.max(1, ...drawn.map(({ newer, older }) => total(newer) + total(older)));
  const shown = SERIES.filter(
    ({ side, phase, isRare }) => !isRare || drawn.some((moment) => moment[side][phase] > 0),
  );
  const series = shown.map(({ title, side, phase }) => ({
    type: "area" as const,
    title,
    data: drawn.map((moment) => ({ x: new Date(moment.at), y: moment[side][phase] })),
  }));
  return (
    <Part noun="chart" height={HEIGHT + 70}>
      <AreaChart
        series={series}
        xDomain={[new Date(begin), new Date(end)]}
        yDomain={[0, most]}
        xScaleType="time"
        xTickFormatter={(at) => clockSeconds(new Date(at))}
        xTitle={`Time, ${zoneName(new Date(begin))}`}
        yTickFormatter={(count) => (Number.isInteger(count) ? String(count) : "")}
        yTitle="Tasks"
        ariaLabel="New and old tasks over time"
        ariaDescription={description}
        i18nStrings={{
          legendAriaLabel: "New and old tasks",
          detailPopoverDismissAriaLabel: "Close",
          detailTotalLabel: "All",
          chartAriaRoleDescription: "area chart",
          xAxisAriaRoleDescription: "time",
          yAxisAriaRoleDescription: "tasks",
        }}
        height={HEIGHT}
        hideFilter
        empty="No task is known of that time."
      />
    </Part>
  );
}

const total = ({ pending, running, draining }: Phases) => pending + running + draining;
