/** A line of a log, as FilterLogEvents tells it. */
export interface LogLine {
  id: string;
  /** Milliseconds since 1970. */
  at: number;
  stream: string;
  message: string;
}

/** Lines that are drawn together, and not again while they stay the same. */
export interface Chunk {
  id: number;
  lines: LogLine[];
}

/** The lines that a page has, in the order of time: so many at most. */
export interface LogWindow {
  chunks: Chunk[];
  count: number;
  /** How many older ones had to leave. */
  dropped: number;
  nextId: number;
}

export const EMPTY: LogWindow = { chunks: [], count: 0, dropped: 0, nextId: 0 };
export const LINES_MAX = 5_000;
export const CHUNK_LINES = 100;

/** The window with lines that are not in it yet; those that come late go where they belong. */
export function added(window: LogWindow, fresh: LogLine[]): LogWindow {
  const chunks = [...window.chunks];
  const changed = new Set<Chunk>();
  let { nextId, count } = window;
  const start = (lines: LogLine[]) => {
    const chunk = { id: nextId++, lines };
    changed.add(chunk);
    return chunk;
  };
  for (const line of [...fresh].sort((one, other) => one.at - other.at)) {
    const index = placeOf(chunks, line);
    const chunk = chunks[index];
    if (chunk && has(chunks, index, line)) continue;
    count += 1;
    if (!chunk || (index === chunks.length - 1 && isFull(chunk) && isAfter(chunk, line))) {
      chunks.push(start([line]));
      continue;
    }
    const open = changed.has(chunk) ? chunk : { ...chunk, lines: [...chunk.lines] };
    changed.add(open);
    chunks[index] = open;
    open.lines.splice(lineAfter(open.lines, line), 0, line);
  }
  return changed.size === 0 ? window : { ...window, chunks, count, nextId };
}

/** The window without its oldest chunks, as far as it has too many lines. */
export function trimmed(window: LogWindow): LogWindow {
  let { count, dropped } = window;
  let first = 0;
  while (count > LINES_MAX && first < window.chunks.length - 1) {
    const gone = window.chunks[first]?.lines.length ?? 0;
    count -= gone;
    dropped += gone;
    first += 1;
  }
  return first === 0 ? window : { ...window, chunks: window.chunks.slice(first), count, dropped };
}

export function newest(window: LogWindow): LogLine | undefined {
  return window.chunks.at(-1)?.lines.at(-1);
}

/** All lines as text, one a line: what is copied. */
export function asText(window: LogWindow): string {
  return window.chunks
    .flatMap(({ lines }) => lines)
    .map(({ at, stream, message }) => `${new Date(at).toISOString()} ${stream} ${message}`)
    .join("\n");
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours of terminals begin with one
const COLOURS = /\u001b\[[\d;]*[A-Za-z]/g;
const SHOWN_MAX = 4_000;

/** A message without a terminal's colours, and no longer than can be read. */
export function shown(message: string): string {
  const text = message.replace(COLOURS, "").trimEnd();
  if (text.length <= SHOWN_MAX) return text;
  return `${text.slice(0, SHOWN_MAX)} … ${text.length - SHOWN_MAX} more characters`;
}

const isFull = ({ lines }: Chunk) => lines.length >= CHUNK_LINES;
const isAfter = ({ lines }: Chunk, line: LogLine) => line.at >= (lines.at(-1)?.at ?? 0);

/** The last chunk that begins no later than a line: mostly the last one. */
function placeOf(chunks: Chunk[], line: LogLine): number {
  let index = chunks.length - 1;
  while (index > 0 && (chunks[index]?.lines[0]?.at ?? 0) > line.at) index -= 1;
  return Math.max(index, 0);
}

/** Whether the line is there, in this chunk or, where lines of one moment go over its edge, in those before. */
function has(chunks: Chunk[], from: number, line: LogLine): boolean {
  for (let index = from; index >= 0; index -= 1) {
    const lines = chunks[index]?.lines ?? [];
    for (let place = lines.length - 1; place >= 0; place -= 1) {
      const known = lines[place];
      if (!known || known.at < line.at) return false;
      if (known.id === line.id) return true;
    }
  }
  return false;
}

function lineAfter(lines: LogLine[], line: LogLine): number {
  let place = lines.length;
  while (place > 0 && (lines[place - 1]?.at ?? 0) > line.at) place -= 1;
  return place;
}
