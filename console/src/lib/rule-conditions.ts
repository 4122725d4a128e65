import type { RuleCondition } from "@aws-sdk/client-elastic-load-balancing-v2";

export const FIELDS = [
  "host-header",
  "path-pattern",
  "http-header",
  "http-request-method",
  "query-string",
  "source-ip",
] as const;

export type Field = (typeof FIELDS)[number];

/** A condition as a form has it: its values, one a line; of a query string `key=value` or a value alone. */
export interface ConditionForm {
  field: Field;
  /** Of a header. */
  name: string;
  values: string;
  /** The values are regular expressions. */
  isRegex: boolean;
}

export const EMPTY_CONDITION: ConditionForm = { field: "path-pattern", name: "", values: "", isRegex: false };

/** Fields whose values may be regular expressions. */
export const takesRegex = (field: Field): boolean =>
  field === "host-header" || field === "path-pattern" || field === "http-header";

const lines = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

/** What is wrong with a rule's conditions, or nothing. */
export function conditionsFault(forms: ConditionForm[]): string | undefined {
  if (forms.length === 0) return "A rule needs a condition.";
  if (forms.some(({ values }) => lines(values).length === 0)) return "Each condition needs a value.";
  if (forms.some(({ field, name }) => field === "http-header" && !name)) return "A header needs its name.";
  return undefined;
}

/** A form's condition, as the API takes it. */
export function conditionOf({ field, name, values, isRegex }: ConditionForm): RuleCondition {
  const given = lines(values);
  const either = isRegex && takesRegex(field) ? { RegexValues: given } : { Values: given };
  switch (field) {
    case "host-header":
      return { Field: field, HostHeaderConfig: either };
    case "path-pattern":
      return { Field: field, PathPatternConfig: either };
    case "http-header":
      return { Field: field, HttpHeaderConfig: { HttpHeaderName: name, ...either } };
    case "http-request-method":
      return { Field: field, HttpRequestMethodConfig: { Values: given } };
    case "query-string":
      return { Field: field, QueryStringConfig: { Values: given.map(pairIn) } };
    default:
      return { Field: field, SourceIpConfig: { Values: given } };
  }
}

/** The form of a condition that there is. */
export function conditionForm(condition: RuleCondition): ConditionForm {
  const { values, isRegex } = valuesOf(condition);
  return {
    field: condition.Field as Field,
    name: condition.HttpHeaderConfig?.HttpHeaderName ?? "",
    values: values.join("\n"),
    isRegex,
  };
}

/** A condition in words, as `path-pattern is /users/* or /people/*`. */
export function conditionText(condition: RuleCondition): string {
  const { values, isRegex } = valuesOf(condition);
  const name = condition.HttpHeaderConfig?.HttpHeaderName;
  return `${condition.Field}${name ? ` ${name}` : ""} ${isRegex ? "matches" : "is"} ${values.join(" or ")}`;
}

function valuesOf(condition: RuleCondition): { values: string[]; isRegex: boolean } {
  const pairs = condition.QueryStringConfig?.Values;
  if (pairs) {
    const values = pairs.map(({ Key, Value }) => (Key ? `${Key}=${Value}` : (Value ?? "")));
    return { values, isRegex: false };
  }
  const config: { Values?: string[] | undefined; RegexValues?: string[] | undefined } =
    condition.HostHeaderConfig ??
    condition.PathPatternConfig ??
    condition.HttpHeaderConfig ??
    condition.HttpRequestMethodConfig ??
    condition.SourceIpConfig ??
    {};
  if (config.RegexValues?.length) return { values: config.RegexValues, isRegex: true };
  return { values: config.Values ?? condition.Values ?? [], isRegex: false };
}

function pairIn(line: string): { Key?: string; Value: string } {
  const at = line.indexOf("=");
  return at < 1 ? { Value: line } : { Key: line.slice(0, at), Value: line.slice(at + 1) };
}
