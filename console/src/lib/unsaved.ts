// The forms that hold what was typed and not saved, each by a mark of its own.
const holding = new Set<symbol>();

/** Whether something that was typed would be lost with the page. */
export const isUnsaved = (): boolean => holding.size > 0;

/** Note that a form holds something; what is returned takes it back. While any does, the browser asks before it closes
 * the tab. */
export function hold(): () => void {
  const mark = Symbol("form");
  holding.add(mark);
  addEventListener("beforeunload", ask);
  return () => {
    holding.delete(mark);
    if (holding.size === 0) removeEventListener("beforeunload", ask);
  };
}

/** Nothing is kept any more: what was typed belonged to a thing that is deleted. */
export function letGo(): void {
  holding.clear();
  removeEventListener("beforeunload", ask);
}

function ask(event: BeforeUnloadEvent): void {
  event.preventDefault();
}
