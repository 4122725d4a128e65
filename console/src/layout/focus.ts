/** Lead the keyboard to what was marked as wrong in a form, once it is drawn. */
export function focusFault(form: HTMLElement | null): void {
  setTimeout(() => form?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
}

/** Whether the keyboard is nowhere: what had it is gone, or cannot have it any more. */
export function isFocusNowhere(): boolean {
  const active = document.activeElement;
  return !active || active === document.body;
}

const PAUSE_MS = 100;
const TRIES = 20;

/** Lead the keyboard to the page's title where it is nowhere. A page that is still being loaded is waited for. */
export function focusPage(): void {
  const look = (tries: number) => {
    if (!isFocusNowhere()) return;
    const title = document.querySelector<HTMLElement>("main h1");
    if (!title && tries > 1) setTimeout(() => look(tries - 1), PAUSE_MS);
    title?.setAttribute("tabindex", "-1");
    title?.focus({ preventScroll: true });
  };
  setTimeout(() => look(TRIES));
}
