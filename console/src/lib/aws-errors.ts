/** Whether an error is AWS's of this code: some services' names in the SDK end in `Exception`, some do not. */
export const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && error.name.replace(/Exception$/, "") === code;

/** What `ask` answers, or null where it says by this code that there is no such thing, or that it is done already.
 * React Query keeps the last answer beside an error: what was deleted would go on being shown. */
export async function nullOn<T>(code: string, ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (isCode(error, code)) return null;
    throw error;
  }
}
