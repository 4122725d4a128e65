/** One server-sent event. */
export interface ServerEvent {
  name: string;
  data: string;
}

/** Reads a stream of server-sent events; `onBytes` hears of every piece, comments included. */
export async function* serverEvents(
  body: ReadableStream<Uint8Array>,
  onBytes: () => void,
): AsyncGenerator<ServerEvent> {
  const reader = body
    .pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    .getReader();
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      onBytes();
      text += value;
      for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
        const event = parsed(text.slice(0, end));
        text = text.slice(end + 2);
        if (event) yield event;
      }
    }
  } finally {
    reader.releaseLock();
  }
}

function parsed(block: string): ServerEvent | null {
  const event = { name: "message", data: "" };
  let hasData = false;
  for (const line of block.split("\n")) {
    if (line.startsWith("event: ")) event.name = line.slice(7);
    if (line.startsWith("data: ")) {
      event.data += line.slice(6);
      hasData = true;
    }
  }
  return hasData ? event : null;
}
