import type { FlashbarProps } from "@cloudscape-design/components/flashbar";
import { useSyncExternalStore } from "react";

const KEPT_MAX = 5;
const SUCCESS_MS = 8_000;

let notices: FlashbarProps.MessageDefinition[] = [];
let last = 0;
const listeners = new Set<() => void>();

function become(next: FlashbarProps.MessageDefinition[]): void {
  notices = next;
  for (const listener of listeners) listener();
}

/** Say above the page what an action came to. Good news leaves by itself. */
export function notify(type: "success" | "error", content: string): void {
  last += 1;
  const id = `notice-${last}`;
  const dismiss = () => become(notices.filter((notice) => notice.id !== id));
  const notice = {
    id,
    type,
    content,
    dismissible: true,
    dismissLabel: "Dismiss",
    onDismiss: dismiss,
  } as const;
  become([notice, ...notices].slice(0, KEPT_MAX));
  if (type === "success") setTimeout(dismiss, SUCCESS_MS);
}

/** Take all of them away. */
export const dismissAll = (): void => become([]);

export function useNotices(): FlashbarProps.MessageDefinition[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => notices,
  );
}
