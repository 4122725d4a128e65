/** The old value wherever the new one equals it, so that what did not change is not drawn again.
 *
 * React Query's own takes no two dates as equal, and AWS's SDK answers with dates. */
export function shared(old: unknown, fresh: unknown): unknown {
  if (Object.is(old, fresh)) return old;
  if (old instanceof Date && fresh instanceof Date) return old.getTime() === fresh.getTime() ? old : fresh;
  if (Array.isArray(old) && Array.isArray(fresh)) {
    const items = fresh.map((item, index) => shared(old[index], item));
    return isSame(items, old) ? old : items;
  }
  if (isPlain(old) && isPlain(fresh)) {
    const entries = Object.entries(fresh).map(([name, value]) => [name, shared(old[name], value)] as const);
    const isEqual =
      entries.length === Object.keys(old).length &&
      entries.every(([name, value]) => name in old && Object.is(old[name], value));
    return isEqual ? old : Object.fromEntries(entries);
  }
  return fresh;
}

function isSame(items: unknown[], old: unknown[]): boolean {
  return items.length === old.length && items.every((item, index) => Object.is(item, old[index]));
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
