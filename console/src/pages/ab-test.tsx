import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { CopyCommand } from "../components/copy-command";
import { Waiting } from "../components/lazily";
import { PageButton, PageLink, paths } from "../components/link";
import { Page } from "../components/page";
import { type Column, ResourceTable } from "../components/resource-table";
import { ShiftPanel } from "../components/shift-panel";
import { ShiftTable } from "../components/shift-table";
import { balancerOf, compareCommand, percentText, timeText } from "../lib/ab-text";
import { elbName, errorText } from "../lib/text";
import {
  type Comparison,
  comparisonQuery,
  type GroupFigures,
  type Judgement,
  shiftsQuery,
} from "../lib/tidegate-api";

const WINDOWS = [
  { value: "60", label: "1 minute" },
  { value: "300", label: "5 minutes" },
  { value: "900", label: "15 minutes" },
  { value: "3600", label: "1 hour" },
  { value: "10800", label: "3 hours" },
];
const CONFIDENCES = ["90", "95", "99", "99.9"].map((value) => ({ value, label: `${value} %` }));

/** A comparison of the target groups of the rule that the address names, and the shift of its weights. */
export default function AbTest() {
  const ruleArn = useSearchParams()[0].get("rule") ?? "";
  const [seconds, setSeconds] = useState("300");
  const [confidence, setConfidence] = useState("95");
  const [baseline, setBaseline] = useState("");
  const query = useQuery({
    ...comparisonQuery({
      RuleArn: ruleArn,
      WindowInSeconds: Number(seconds),
      ConfidencePercent: Number(confidence),
      ...(baseline && { BaselineTargetGroupArn: baseline }),
    }),
    // Over a change of the window, not of the rule.
    placeholderData: (before, last) => (last?.queryKey[1] === ruleArn ? before : undefined),
  });
  const shifts = useQuery(shiftsQuery(ruleArn));
  const running = shifts.data?.find(({ Status }) => Status === "IN_PROGRESS");
  if (query.error && !query.data)
    return <NotCompared ruleArn={ruleArn} error={query.error} shifts={shifts} />;
  const groups = query.data?.TargetGroups ?? [];
  const baselines = [
    { value: "", label: "the heaviest, or a shift's" },
    ...groups.map(({ TargetGroupArn, TargetGroupName }) => ({
      value: TargetGroupArn,
      label: TargetGroupName,
    })),
  ];
  return (
    <Page
      title={`A/B test on ${balancerOf(ruleArn)}`}
      description={ruleArn}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <CopyCommand
            command={compareCommand(ruleArn, Number(seconds), Number(confidence), baseline || undefined)}
            noun="tidegate"
          />
          <PageButton to={paths.startShift(ruleArn)} isDisabled={running !== undefined}>
            Start a shift
          </PageButton>
        </SpaceBetween>
      }
    >
      {query.error && (
        <Alert type="error" header="The target groups cannot be compared">
          {errorText(query.error)}
        </Alert>
      )}
      {running && <ShiftPanel shift={running} />}
      <SpaceBetween direction="horizontal" size="m">
        <Choice label="Window" options={WINDOWS} value={seconds} onChange={setSeconds} />
        <Choice label="Confidence" options={CONFIDENCES} value={confidence} onChange={setConfidence} />
        <Choice label="Baseline" options={baselines} value={baseline} onChange={setBaseline} />
      </SpaceBetween>
      {query.isPending ? (
        <Waiting noun="comparison" />
      ) : (
        <SpaceBetween size="l">
          {query.data && <Verdicts comparison={query.data} />}
          <ResourceTable
            noun="target groups"
            title="Comparison"
            description={`Figures with their intervals, which hold the truth with ${confidence} % confidence.`}
            columns={COLUMNS}
            query={{ data: query.data?.TargetGroups, error: query.error, isPending: false }}
            rowKey={(group) => group.TargetGroupArn}
            actions={<EditWeights comparison={query.data} />}
            empty="Nothing is compared."
          />
          <ShiftTable query={shifts} />
        </SpaceBetween>
      )}
    </Page>
  );
}

interface NotComparedProps {
  ruleArn: string;
  error: Error;
  shifts: Parameters<typeof ShiftTable>[0]["query"];
}

/** Why there is nothing to compare, and the shifts that there were: a rule that is gone has had some, too. */
function NotCompared({ ruleArn, error, shifts }: NotComparedProps) {
  return (
    <Page title="A/B test" description={ruleArn}>
      <Alert type="error" header="The target groups cannot be compared">
        <SpaceBetween size="xs">
          <span>{errorText(error)}</span>
          <PageLink to={paths.abTests()}>Go to the A/B tests that there are</PageLink>
        </SpaceBetween>
      </Alert>
      {shifts.data && shifts.data.length > 0 && <ShiftTable query={shifts} />}
    </Page>
  );
}

interface ChoiceProps {
  label: string;
  options: { value: string; label: string }[];
  value: string;
  onChange: (value: string) => void;
}

function Choice({ label, options, value, onChange }: ChoiceProps) {
  return (
    <FormField label={label}>
      <div style={{ width: 210 }}>
        <Select
          options={options}
          selectedOption={options.find((option) => option.value === value) ?? null}
          onChange={({ detail }) => onChange(detail.selectedOption.value ?? "")}
        />
      </div>
    </FormField>
  );
}

const VERDICTS: Record<Judgement["Verdict"], { type: StatusIndicatorProps.Type; text: string }> = {
  NOT_ENOUGH_DATA: { type: "pending", text: "not enough data" },
  NO_DIFFERENCE_SEEN: { type: "info", text: "no difference seen" },
  BETTER: { type: "success", text: "better" },
  WORSE: { type: "error", text: "worse" },
  MIXED: { type: "warning", text: "better and worse" },
};

function Verdicts({ comparison }: { comparison: Comparison }) {
  return (
    <section aria-label="Verdict" aria-live="polite">
      <SpaceBetween size="xs">
        {comparison.Judgements.map(({ TargetGroupArn, Verdict, Findings }) => (
          <div key={TargetGroupArn}>
            <StatusIndicator type={VERDICTS[Verdict].type}>
              {`${elbName(TargetGroupArn)}: ${VERDICTS[Verdict].text}`}
            </StatusIndicator>
            {Findings.map((finding) => (
              <Box key={finding}>{finding}</Box>
            ))}
          </div>
        ))}
        {comparison.Judgements.length === 0 && <Box>{comparison.Verdict}</Box>}
      </SpaceBetween>
    </section>
  );
}

/** To the form of the rule; that of a default rule is its listener's. */
function EditWeights({ comparison }: { comparison: Comparison | undefined }) {
  const { RuleArn = "", ListenerArn = "" } = comparison ?? {};
  const name = balancerOf(RuleArn);
  // A listener's default rule has the listener's own id.
  const isDefault = RuleArn.split("/").at(-1) === ListenerArn.split("/").at(-1);
  const to = isDefault ? paths.editListener(name, ListenerArn) : paths.editRule(name, ListenerArn, RuleArn);
  return (
    <PageButton to={to} isPlain isDisabled={!comparison}>
      Edit weights
    </PageButton>
  );
}

const time = (percentile: string): Column<GroupFigures> => {
  const of = (group: GroupFigures) => group.ResponseTimes.find(({ Percentile }) => Percentile === percentile);
  return {
    id: percentile,
    header: percentile,
    value: (group) => of(group)?.Value,
    cell: (group) => timeText(of(group)),
    minWidth: 140,
  };
};

const COLUMNS: Column<GroupFigures>[] = [
  {
    id: "group",
    header: "Target group",
    value: (g) => g.TargetGroupName,
    cell: (g) => `${g.TargetGroupName}${g.IsBaseline ? " (baseline)" : ""}`,
    minWidth: 140,
  },
  {
    id: "weight",
    header: "Weight",
    value: (g) => g.Weight,
    cell: (g) => `${g.Weight} (${Number(g.WeightSharePercent.toPrecision(3))} %)`,
    minWidth: 110,
  },
  { id: "requests", header: "Requests", value: (g) => g.Requests, cell: (g) => g.Requests, minWidth: 100 },
  {
    id: "share",
    header: "Share",
    value: (g) => g.SharePercent?.Value,
    cell: (g) => percentText(g.SharePercent),
    minWidth: 150,
  },
  {
    id: "errors",
    header: "Error rate",
    value: (g) => g.ErrorRatePercent?.Value,
    cell: (g) => percentText(g.ErrorRatePercent),
    minWidth: 150,
  },
  time("p50"),
  time("p95"),
  time("p99"),
];
