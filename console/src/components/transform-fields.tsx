import ColumnLayout from "@cloudscape-design/components/column-layout";
import type { TransformsForm } from "../lib/rule-transforms";
import { TextField } from "./fields";
import type { StepProps } from "./use-steps";

/** What the target gets in place of what was asked for. */
export function TransformFields(props: StepProps<TransformsForm>) {
  return (
    <ColumnLayout columns={2}>
      <TextField
        {...props}
        field="urlRegex"
        label="Path and query that match"
        description="A regular expression; where it is empty both stay."
        placeholder="^/api/(.*)$"
      />
      <TextField
        {...props}
        field="urlReplace"
        label="Path and query for the target"
        description="$1 is what the first pair of brackets holds."
        placeholder="/$1"
      />
      <TextField
        {...props}
        field="hostRegex"
        label="Host header that matches"
        description="A regular expression; where it is empty the header stays."
        placeholder="^(.*)[.]example[.]com$"
      />
      <TextField
        {...props}
        field="hostReplace"
        label="Host header for the target"
        description="$1 is what the first pair of brackets holds."
        placeholder="$1.internal"
      />
    </ColumnLayout>
  );
}
