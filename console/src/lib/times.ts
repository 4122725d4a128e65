// One of each for all times: to make it takes as long as a thousand of them. The order of a date's parts is
// the reader's own; hours go to 23 everywhere, as in logs.
const DAY = { year: "numeric", month: "short", day: "numeric" } as const;
const MINUTES = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
const SECONDS = { ...MINUTES, second: "2-digit" } as const;
const moments = new Intl.DateTimeFormat(undefined, { ...DAY, ...SECONDS, timeZoneName: "short" });
const minutes = new Intl.DateTimeFormat(undefined, MINUTES);
const seconds = new Intl.DateTimeFormat(undefined, SECONDS);
const days = new Intl.DateTimeFormat(undefined, { month: "short", day: "numeric" });

/** A moment with its zone, as `Nov 26, 2026, 19:15:12 UTC`. */
export function moment(date: Date | undefined): string {
  return date ? moments.format(date) : "-";
}

/** `19:15`, for axes. */
export const clock = (date: Date) => minutes.format(date);

/** `19:15:12`, for axes. */
export const clockSeconds = (date: Date) => seconds.format(date);

/** `Nov 26`, for axes. */
export const dayOf = (date: Date) => days.format(date);

/** This browser's zone, as times that say it have it: what stands beside those that do not. */
export function zoneName(date: Date): string {
  return moments.formatToParts(date).find(({ type }) => type === "timeZoneName")?.value ?? "";
}
