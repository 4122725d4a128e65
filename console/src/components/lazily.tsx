import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { type ReactNode, Suspense, use } from "react";
import { insistent } from "../lib/loading";
import { ErrorBoundary } from "./error-boundary";

// What did not load, and how each forgets it.
const failed = new Set<() => void>();

/** Let parts that did not load be asked for again. */
export function forgetFailed(): void {
  for (const forget of failed) forget();
  failed.clear();
}

/** A component whose scripts load when it is first drawn. React's own `lazy` keeps a failure for ever. */
export function lazily<C extends (props: never) => ReactNode>(load: () => Promise<{ default: C }>): C {
  let loading: Promise<{ default: C }> | undefined;
  function begin() {
    const begun = insistent(load);
    begun.catch(() => failed.add(() => (loading = undefined)));
    return begun;
  }
  // biome-ignore lint/correctness/noComponentHookFactories: made once for each part, as by React's lazy
  function Lazy(props: object) {
    loading ??= begin();
    const Loaded = use(loading).default as unknown as (props: object) => ReactNode;
    return <Loaded {...props} />;
  }
  return Lazy as unknown as C;
}

/** A part of a page that may come late or not at all, and takes nothing else with it. */
export function Part({
  noun,
  height,
  children,
}: {
  noun: string;
  /** Of the place that is kept for it, in pixels. */
  height?: number;
  children: ReactNode;
}) {
  return (
    <ErrorBoundary noun={noun} place={location.pathname}>
      <Suspense fallback={<Waiting noun={noun} height={height} />}>{children}</Suspense>
    </ErrorBoundary>
  );
}

/** What stands in the place of a part, or of what it shows, until that is there. */
export function Waiting({ noun, height }: { noun: string; height?: number | undefined }) {
  return (
    <div style={{ minHeight: height }}>
      <StatusIndicator type="loading">Loading the {noun}</StatusIndicator>
    </div>
  );
}
