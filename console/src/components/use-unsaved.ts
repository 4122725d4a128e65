import { useEffect, useRef, useState } from "react";
import { isOther } from "../lib/same";
import { hold } from "../lib/unsaved";

/** Have it asked before the page is left, or its tab closed, while a form holds what was typed. What is returned is
 * called once that is saved. */
export function useUnsaved(isTyped: boolean): () => void {
  const release = useRef<() => void>(() => {});
  useEffect(() => {
    if (!isTyped) return;
    release.current = hold();
    return () => release.current();
  }, [isTyped]);
  return () => release.current();
}

/** Whether what a form holds, as plain data, is another than when it opened. */
export function useTyped(isOpen: boolean, typed: unknown): boolean {
  const [first, setFirst] = useState<{ typed: unknown } | null>(null);
  if (isOpen !== (first !== null)) setFirst(isOpen ? { typed } : null);
  return first !== null && isOther(typed, first.typed);
}
