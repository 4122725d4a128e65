/** A whole number, 0 or more. */
export const isWhole = (text: string): boolean => /^\d{1,9}$/.test(text);

/** A whole number between two, both included. */
export const isWithin = (text: string, least: number, most: number): boolean =>
  isWhole(text) && Number(text) >= least && Number(text) <= most;

export const isPort = (text: string): boolean => isWithin(text, 1, 65_535);
export const PORT_FAULT = "A port, 1 to 65535.";

/** Any number, as `-0.5`. */
export const isReal = (text: string): boolean => text.trim() !== "" && Number.isFinite(Number(text));

/** A number as a person reads it, with three digits that count. */
export const digits = (value: number): string =>
  value.toLocaleString(undefined, { maximumSignificantDigits: 3 });
