import { memo, useLayoutEffect, useRef } from "react";
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
  // biome-ignore lint/correctness/useExhaustiveDependencies: new lines and their width move the end
  useLayoutEffect(() => {
    if (!isAtEnd || !box.current) return;
    const { current } = box;
    const toEnd = () => {
      current.scrollTop = current.scrollHeight;
    };
    toEnd();
    // What came into sight has its real height one frame later.
    const frame = requestAnimationFrame(toEnd);
    return () => cancelAnimationFrame(frame);
  }, [window, isWrapped, isAtEnd]);
  const look = () => {
    if (!box.current) return;
    const { scrollHeight, scrollTop, clientHeight } = box.current;
    onEnd(scrollHeight - scrollTop - clientHeight < NEAR_PX);
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
      {window.chunks.map((chunk) => (
        <LogChunk key={chunk.id} chunk={chunk} />
      ))}
    </section>
  );
}

const LogChunk = memo(function LogChunk({ chunk }: { chunk: Chunk }) {
  return (
    <div className="log-chunk" style={{ containIntrinsicHeight: `auto ${chunk.lines.length * LINE_PX}px` }}>
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
