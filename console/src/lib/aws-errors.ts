/** What `ask` answers, or null where it says by this error, with `Exception` behind it or not as the SDK has it for
 * some services alone, that there is no such thing: React Query keeps the
 * last answer beside an error, and what was deleted would go on being shown. */
export async function nullOn<T>(code: string, ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Error && error.name.replace(/Exception$/, "") === code) return null;
    throw error;
  }
}
