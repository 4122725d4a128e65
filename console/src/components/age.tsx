import { age } from "../lib/text";
import { useNow } from "./now";

/** How long ago; it grows by itself, so that a table need not be drawn again for it. */
export function Age({ since }: { since: Date | undefined }) {
  return age(since, useNow());
}
