import { useEffect, useState } from "react";

/** The time, told anew every so often: ages on a page grow while it is looked at. It stands with null. */
export function useNow(everyMs: number | null = 5_000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (everyMs === null) return;
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
