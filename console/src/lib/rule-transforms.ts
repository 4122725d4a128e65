import type { RuleTransform } from "@aws-sdk/client-elastic-load-balancing-v2";

/** What of a request is rewritten for the target, as a form has it; where an expression is empty nothing is. */
export interface TransformsForm {
  hostRegex: string;
  hostReplace: string;
  urlRegex: string;
  urlReplace: string;
}

export const NO_TRANSFORMS: TransformsForm = { hostRegex: "", hostReplace: "", urlRegex: "", urlReplace: "" };

function rewriteOf({ HostHeaderRewriteConfig, UrlRewriteConfig }: RuleTransform) {
  const { Regex = "", Replace = "" } = (HostHeaderRewriteConfig ?? UrlRewriteConfig)?.Rewrites?.[0] ?? {};
  return { Regex, Replace };
}

/** The form of transforms that there are: one of each type at most. */
export function transformsForm(transforms: RuleTransform[]): TransformsForm {
  const of = (type: RuleTransform["Type"]) =>
    rewriteOf(transforms.find(({ Type }) => Type === type) ?? { Type: type });
  const [host, url] = [of("host-header-rewrite"), of("url-rewrite")];
  return { hostRegex: host.Regex, hostReplace: host.Replace, urlRegex: url.Regex, urlReplace: url.Replace };
}

const LOST = "What is put in its place needs the expression that it stands for.";

/** What is wrong with a form's transforms, by field. AWS has the last word on expressions. */
export function transformsFaults(form: TransformsForm): Partial<Record<keyof TransformsForm, string>> {
  return {
    ...(form.hostReplace && !form.hostRegex && { hostRegex: LOST }),
    ...(form.urlReplace && !form.urlRegex && { urlRegex: LOST }),
  };
}

/** The transforms of a form, as the API takes them. */
export function transformsOf({
  hostRegex,
  hostReplace,
  urlRegex,
  urlReplace,
}: TransformsForm): RuleTransform[] {
  const host = { Rewrites: [{ Regex: hostRegex, Replace: hostReplace }] };
  const url = { Rewrites: [{ Regex: urlRegex, Replace: urlReplace }] };
  return [
    ...(hostRegex ? [{ Type: "host-header-rewrite" as const, HostHeaderRewriteConfig: host }] : []),
    ...(urlRegex ? [{ Type: "url-rewrite" as const, UrlRewriteConfig: url }] : []),
  ];
}

/** A transform in words, as `url-rewrite: ^/api/(.*)$ becomes /$1`. */
export function transformText(transform: RuleTransform): string {
  const { Regex, Replace } = rewriteOf(transform);
  return `${transform.Type}: ${Regex} becomes ${Replace || "nothing"}`;
}
