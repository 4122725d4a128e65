/** The last part of an ARN: a task's id, a cluster's name, `family:revision`. */
export function nameOf(arn: string | undefined): string {
  return arn?.split("/").at(-1) ?? "";
}

/** `app/NAME/ID` of a load balancer's ARN, `targetgroup/NAME/ID` of a target group's: the NAME. */
export function elbName(arn: string | undefined): string {
  return arn?.split("/").at(-2) ?? "";
}

/** How long ago, in one unit, as `3 min`. */
export function age(date: Date | undefined, now: number): string {
  if (!date) return "-";
  const seconds = Math.max(0, Math.floor((now - date.getTime()) / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}

/** `1 task`, `2 tasks`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** A word that a shell takes as it is. */
export function shellWord(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
}

/** A text as a value in the short form of `aws` options, `Key=NAME,Value=TEXT`: what would part it stands in quotes. */
export function shorthand(text: string): string {
  return /^[\w@%+:./*?~-]*$/.test(text) ? text : `"${text.replace(/[\\"]/g, "\\$&")}"`;
}

/** An `aws` command; options with an undefined value are left out, `true` stands alone. */
export function awsCommand(
  operation: string,
  parameters: Record<string, string | number | boolean | string[] | undefined>,
): string {
  const words = Object.entries(parameters).flatMap(([name, value]) => {
    if (value === undefined || value === false) return [];
    if (value === true) return [`--${name}`];
    // Alone it would be taken for an option.
    if (String(value).startsWith("-") && !Array.isArray(value))
      return [`--${name}=${shellWord(String(value))}`];
    return [`--${name}`, ...[value].flat().map((one) => shellWord(String(one)))];
  });
  return ["aws", operation, ...words].join(" ");
}

/** The commands that list ARNs and describe what they name, so many at a time. */
export function describeCommand(list: string, arns: string, most: number, describe: string): string {
  return `${list} --query '${arns}[]' --output text | xargs -r -n ${most} ${describe}`;
}

/** What went wrong, in AWS's words: code and message. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name && error.name !== "Error" ? `${error.name}: ${error.message}` : error.message;
}
