import { useSyncExternalStore } from "react";

type Theme = "light" | "dark";

const listeners = new Set<() => void>();

function shown(): Theme {
  return document.body.classList.contains("awsui-dark-mode") ? "dark" : "light";
}

export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, shown);
}

/** Change the colours and keep the choice: `theme.js` applies it before the next page's first paint. */
export function toggleTheme(): void {
  const next = shown() === "dark" ? "light" : "dark";
  document.body.classList.toggle("awsui-dark-mode", next === "dark");
  document.documentElement.style.colorScheme = next;
  localStorage.setItem("tidegate.theme", next);
  for (const listener of listeners) listener();
}
