/** Whether two values of plain data are not the same; the order of their fields counts. */
export const isOther = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) !== JSON.stringify(other);
