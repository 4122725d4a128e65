import FormField from "@cloudscape-design/components/form-field";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { dimensionsText } from "../lib/alarm-form";
import { metricsQuery } from "../lib/alarms";
import type { Metric } from "../lib/charts";
import { type ListState, listState } from "../lib/list-state";

interface Props {
  metric: Metric | null;
  error?: string | undefined;
  onChoose: (metric: Metric | null) => void;
}

/** Chooses a metric by namespace, name and dimensions, of those that had points of late. */
export function MetricPicker({ metric, error, onChoose }: Props) {
  const metrics = useQuery(metricsQuery);
  const [asked, ask] = useState({ namespace: metric?.namespace ?? "", name: metric?.name ?? "" });
  const known = [...(metrics.data ?? []), ...(metric ? [metric] : [])];
  const inSpace = known.filter(({ namespace }) => namespace === asked.namespace);
  const named = inSpace.filter(({ name }) => name === asked.name);
  const narrow = (namespace: string, name: string) => {
    const found = known.filter((one) => one.namespace === namespace && one.name === name);
    ask({ namespace, name });
    onChoose(found.length === 1 ? (found[0] ?? null) : null);
  };
  return (
    <SpaceBetween size="l">
      <Choice
        label="Namespace"
        values={known.map(({ namespace }) => namespace)}
        value={asked.namespace}
        state={listState(metrics)}
        empty="Nothing has been measured in the last three hours."
        onChoose={(namespace) => narrow(namespace, "")}
      />
      <Choice
        label="Metric"
        values={inSpace.map(({ name }) => name)}
        value={asked.name}
        empty="Choose a namespace first."
        onChoose={(name) => narrow(asked.namespace, name)}
      />
      <Choice
        label="Dimensions"
        error={error}
        values={named.map(({ dimensions }) => dimensionsText(dimensions))}
        value={metric ? dimensionsText(metric.dimensions) : ""}
        empty="Choose a metric first."
        onChoose={(text) => onChoose(named.find((one) => dimensionsText(one.dimensions) === text) ?? null)}
      />
    </SpaceBetween>
  );
}

interface ChoiceProps {
  label: string;
  error?: string | undefined;
  values: string[];
  value: string;
  empty: string;
  state?: ListState;
  onChoose: (value: string) => void;
}

function Choice({ label, error, values, value, empty, state, onChoose }: ChoiceProps) {
  const options = [...new Set(values)].sort().map((one) => ({ value: one, label: one }));
  return (
    <FormField label={label} errorText={error ?? ""}>
      <Select
        options={options}
        filteringType={options.length > 10 ? "auto" : "none"}
        filteringAriaLabel={`Find in ${label}`}
        placeholder="Choose one"
        empty={empty}
        {...state}
        selectedOption={options.find((option) => option.value === value) ?? null}
        onChange={({ detail }) => onChoose(detail.selectedOption.value ?? "")}
      />
    </FormField>
  );
}
