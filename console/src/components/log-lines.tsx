import { memo, useEffect, useLayoutEffect, useRef } from "react";
import { shortStream } from "../lib/log-sources";
import { type Chunk, type LogWindow, shown } from "../lib/log-window";
import "./log-lines.css";

const LINE_PX = 20;
// So near to the end is at the end: a line more or less does not matter.
const NEAR_PX = 2 * LINE_PX;

interface Props {
  label: string;
  window: LogWindow;
  isWrapped: boolean;
  isAtEnd: boolean;
  onEnd: (isAtEnd: boolean) => void;
}

/** The lines, of which only those in sight cost anything; at the end it stays there while lines come. */
export function LogLines({ label, window, isWrapped, isAtEnd, onEnd }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new lines move the end
  useLayoutEffect(() => {
    if (isAtEnd) toEnd(box.current);
  }, [window, isAtEnd]);
  useEffect(() => {
    if (!isAtEnd || !content.current) return;
    // What comes into sight has its real height later, and wrapped lines have another.
    const observer = new ResizeObserver(() => toEnd(box.current));
    observer.observe(content.current);
    return () => observer.disconnect();
  }, [isAtEnd]);
  const last = useRef(0);
  const look = () => {
    if (!box.current) return;
    const { scrollHeight, scrollTop, clientHeight } = box.current;
    const isUp = scrollTop < last.current;
    last.current = scrollTop;
    // Lines that came meanwhile put the end further away: only who scrolls up leaves it.
    if (scrollHeight - scrollTop - clientHeight < NEAR_PX) onEnd(true);
    else if (isUp) onEnd(false);
  };
  return (
    <section
      ref={box}
      className={isWrapped ? "log-lines log-lines-wrapped" : "log-lines"}
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by the keyboard
      tabIndex={0}
      onScroll={look}
    >
      <div ref={content}>
        {window.chunks.map((chunk) => (
          <LogChunk key={chunk.id} chunk={chunk} />
        ))}
      </div>
    </section>
  );
}

function toEnd(box: HTMLElement | null): void {
  if (box) box.scrollTop = box.scrollHeight;
}

const LogChunk = memo(function LogChunk({ chunk }: { chunk: Chunk }) {
  return (
    <div className="log-chunk" style={{ containIntrinsicHeight: `${chunk.lines.length * LINE_PX}px` }}>
      {chunk.lines.map(({ id, at, stream, message }) => (
        <div key={id} className="log-line">
          <span className="log-at">{timeOf(at)}</span>
          <span className="log-stream" title={stream}>
            {shortStream(stream)}
          </span>
          <span>{shown(message)}</span>
        </div>
      ))}
    </div>
  );
});

/** `09:05:01.250`, in this browser's zone. */
function timeOf(at: number): string {
  const date = new Date(at);
  const two = (number: number) => String(number).padStart(2, "0");
  const seconds = `${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, "0")}`;
  return `${two(date.getHours())}:${two(date.getMinutes())}:${seconds}`;
}
