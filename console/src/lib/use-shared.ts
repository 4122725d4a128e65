import { useState } from "react";
import { shared } from "./sharing";

/** What a page makes of its queries at each drawing, as the same object while it says the same. */
export function useShared<T>(fresh: T): T {
  const [kept, keep] = useState(fresh);
  const next = shared(kept, fresh) as T;
  if (next !== kept) keep(next);
  return next;
}
