import type {
  ComparisonOperator,
  MetricAlarm,
  PutMetricAlarmCommandInput,
  Statistic,
} from "@aws-sdk/client-cloudwatch";
import type { Metric } from "./charts";
import { isReal, isWithin } from "./numbers";
import { awsCommand, shorthand } from "./text";

/** An alarm on one metric, as its form has it. Numbers are as they were typed, actions one a line. */
export interface AlarmForm {
  name: string;
  description: string;
  metric: Metric | null;
  statistic: string;
  period: string;
  comparison: string;
  threshold: string;
  evaluationPeriods: string;
  datapoints: string;
  missing: string;
  onAlarm: string;
  onOk: string;
  onInsufficient: string;
}

export const EMPTY: AlarmForm = {
  name: "",
  description: "",
  metric: null,
  statistic: "Average",
  period: "60",
  comparison: "GreaterThanThreshold",
  threshold: "",
  evaluationPeriods: "3",
  datapoints: "3",
  missing: "missing",
  onAlarm: "",
  onOk: "",
  onInsufficient: "",
};

export const STATISTICS = ["Average", "Sum", "Minimum", "Maximum", "SampleCount", "p50", "p90", "p95", "p99"];
const SIMPLE = new Set(STATISTICS.slice(0, 5));
export const PERIODS = ["10", "30", "60", "300", "900", "3600", "21600"];
export const COMPARISONS: Record<string, string> = {
  GreaterThanThreshold: ">",
  GreaterThanOrEqualToThreshold: ">=",
  LessThanThreshold: "<",
  LessThanOrEqualToThreshold: "<=",
};
/** CloudWatch's words, and what they do. */
export const MISSING: Record<string, string> = {
  missing: "Missing",
  notBreaching: "Good",
  breaching: "Bad",
  ignore: "Ignore",
};

export const MISSING_NOTES: Record<string, string> = {
  missing: "Too few points are INSUFFICIENT_DATA.",
  notBreaching: "Counts as within the threshold.",
  breaching: "Counts as beyond the threshold.",
  ignore: "The state stays as it is.",
};

const isCount = (text: string) => isWithin(text, 1, 99_999);

/** What must be mended, by field. AWS has the last word on the rest. */
export function faultsOf(form: AlarmForm): Partial<Record<keyof AlarmForm, string>> {
  const { evaluationPeriods, datapoints } = form;
  return {
    ...(!/^.{1,255}$/.test(form.name) && { name: "1 to 255 characters." }),
    ...(!form.metric && { metric: "Choose a metric." }),
    ...(!isReal(form.threshold) && { threshold: "A number." }),
    ...(!isCount(evaluationPeriods) && { evaluationPeriods: "A whole number, 1 or more." }),
    ...(!(isCount(datapoints) && Number(datapoints) <= Number(evaluationPeriods)) && {
      datapoints: "A whole number, no more than the periods.",
    }),
  };
}

/** The form of an alarm that is there; null for one on an expression, for which there is none. */
export function formOf(alarm: MetricAlarm): AlarmForm | null {
  if (!alarm.MetricName || !alarm.Namespace) return null;
  const text = (value: number | undefined) => String(value ?? "");
  return {
    name: alarm.AlarmName ?? "",
    description: alarm.AlarmDescription ?? "",
    metric: {
      namespace: alarm.Namespace,
      name: alarm.MetricName,
      dimensions: Object.fromEntries((alarm.Dimensions ?? []).map(({ Name, Value }) => [Name, Value])),
    },
    statistic: alarm.Statistic ?? alarm.ExtendedStatistic ?? "Average",
    period: text(alarm.Period),
    comparison: alarm.ComparisonOperator ?? EMPTY.comparison,
    threshold: text(alarm.Threshold),
    evaluationPeriods: text(alarm.EvaluationPeriods),
    datapoints: text(alarm.DatapointsToAlarm ?? alarm.EvaluationPeriods),
    missing: alarm.TreatMissingData ?? "missing",
    onAlarm: (alarm.AlarmActions ?? []).join("\n"),
    onOk: (alarm.OKActions ?? []).join("\n"),
    onInsufficient: (alarm.InsufficientDataActions ?? []).join("\n"),
  };
}

const lines = (text: string) => text.split(/\s+/).filter(Boolean);

/** The request that the form stands for; what an `old` alarm has beside the form's fields stays. */
export function request(form: AlarmForm, old?: MetricAlarm): PutMetricAlarmCommandInput {
  const { metric, statistic } = form;
  return {
    AlarmName: form.name,
    ...(form.description && { AlarmDescription: form.description }),
    Namespace: metric?.namespace,
    MetricName: metric?.name,
    Dimensions: Object.entries(metric?.dimensions ?? {}).map(([Name, Value]) => ({ Name, Value })),
    ...(SIMPLE.has(statistic) ? { Statistic: statistic as Statistic } : { ExtendedStatistic: statistic }),
    Period: Number(form.period),
    ComparisonOperator: form.comparison as ComparisonOperator,
    Threshold: Number(form.threshold),
    EvaluationPeriods: Number(form.evaluationPeriods),
    DatapointsToAlarm: Number(form.datapoints),
    TreatMissingData: form.missing,
    AlarmActions: lines(form.onAlarm),
    OKActions: lines(form.onOk),
    InsufficientDataActions: lines(form.onInsufficient),
    ...(old?.ActionsEnabled === false && { ActionsEnabled: false }),
    ...(old?.Unit && { Unit: old.Unit }),
    ...(old?.EvaluateLowSampleCountPercentile &&
      !SIMPLE.has(statistic) && { EvaluateLowSampleCountPercentile: old.EvaluateLowSampleCountPercentile }),
  };
}

/** The same as an `aws` command. Lists are JSON: version 1 of the command line fetches bare URLs. */
export function command(form: AlarmForm, old?: MetricAlarm): string {
  const asked = request(form, old);
  const listed = (items: string[] | undefined) => (items?.length ? JSON.stringify(items) : undefined);
  return awsCommand("cloudwatch put-metric-alarm", {
    "alarm-name": asked.AlarmName,
    "alarm-description": asked.AlarmDescription,
    namespace: asked.Namespace,
    "metric-name": asked.MetricName,
    dimensions: asked.Dimensions?.length
      ? asked.Dimensions.map(
          ({ Name, Value }) => `Name=${shorthand(Name ?? "")},Value=${shorthand(Value ?? "")}`,
        )
      : undefined,
    statistic: asked.Statistic,
    "extended-statistic": asked.ExtendedStatistic,
    period: asked.Period,
    unit: asked.Unit,
    "comparison-operator": asked.ComparisonOperator,
    threshold: asked.Threshold,
    "evaluation-periods": asked.EvaluationPeriods,
    "datapoints-to-alarm": asked.DatapointsToAlarm,
    "treat-missing-data": asked.TreatMissingData,
    "evaluate-low-sample-count-percentile": asked.EvaluateLowSampleCountPercentile,
    "alarm-actions": listed(asked.AlarmActions),
    "ok-actions": listed(asked.OKActions),
    "insufficient-data-actions": listed(asked.InsufficientDataActions),
    "no-actions-enabled": asked.ActionsEnabled === false,
  });
}

/** The alarm of a form that is not whole yet, to be drawn: without a threshold while none is typed. */
export const seen = (form: AlarmForm, old?: MetricAlarm): MetricAlarm => ({
  ...(request(form, old) as MetricAlarm),
  Threshold: isReal(form.threshold) ? Number(form.threshold) : undefined,
});

/** What a metric alarm says, as `Average of CPUUtilization > 80 in 3 of 3 periods of 60 s`. */
export function conditionOf(alarm: MetricAlarm): string {
  const what = alarm.MetricName
    ? `${alarm.Statistic ?? alarm.ExtendedStatistic} of ${alarm.MetricName}`
    : "an expression";
  const often = `${alarm.DatapointsToAlarm ?? alarm.EvaluationPeriods} of ${alarm.EvaluationPeriods} periods`;
  const sign = COMPARISONS[alarm.ComparisonOperator ?? ""] ?? alarm.ComparisonOperator;
  return `${what} ${sign} ${alarm.Threshold ?? "a threshold"} in ${often}${alarm.Period ? ` of ${alarm.Period} s` : ""}`;
}

/** Dimensions in one line. */
export function dimensionsText(dimensions: Record<string, string>): string {
  return (
    Object.entries(dimensions)
      .map(([name, value]) => `${name} = ${value}`)
      .join(", ") || "no dimension"
  );
}
