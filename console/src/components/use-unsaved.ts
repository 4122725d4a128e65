import { useEffect, useRef } from "react";
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
