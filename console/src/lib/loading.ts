import { connection } from "./connection";

const TRIES = 3;
const PAUSE_MS = 500;
const PAUSE_MAX_MS = 3_000;

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** What a part of the console is called where its scripts do not come: control has replaced them by another
 * version's, or a proxy before it answers with something else. */
export class NotLoaded extends Error {
  constructor(cause: unknown) {
    super(
      "A part of the console could not be loaded. Try again; if Tidegate was upgraded since, reload the page.",
      {
        cause,
      },
    );
  }
}

/** Whether control was there and is not now: a session that is over lets go of the line by itself. */
function isControlAway(): boolean {
  const { isConnected, wasConnected } = connection.state();
  return wasConnected && !isConnected;
}

/** Ask until it comes: while control is away as long as it is, else a few times. Raises NotLoaded.
 * Chromium 156 was seen to request a module anew that had failed, its own imports and preloads too; a browser
 * that keeps the failure ends with NotLoaded, which says to reload. */
export async function insistent<T>(
  load: () => Promise<T>,
  isAway: () => boolean = isControlAway,
  wait: (ms: number) => Promise<void> = pause,
): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await load();
    } catch (error) {
      if (tried >= TRIES && !isAway()) throw new NotLoaded(error);
      await wait(Math.min(PAUSE_MAX_MS, PAUSE_MS * tried));
    }
  }
}
