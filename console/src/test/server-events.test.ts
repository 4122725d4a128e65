import { describe, expect, it } from "vitest";
import { type ServerEvent, serverEvents } from "../lib/server-events";

async function read(...pieces: string[]): Promise<{ events: ServerEvent[]; heard: number }> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
      controller.close();
    },
  });
  const events: ServerEvent[] = [];
  let heard = 0;
  for await (const event of serverEvents(body, () => heard++)) events.push(event);
  return { events, heard };
}

describe("serverEvents", () => {
  it("puts events together from whatever pieces come", async () => {
    const { events } = await read(
      "event: change\nda",
      'ta: {"task"',
      ":[]}\n\nevent: hello\ndata: {}\n",
      "\n",
    );
    expect(events).toEqual([
      { name: "change", data: '{"task":[]}' },
      { name: "hello", data: "{}" },
    ]);
  });

  it("hears comments and makes no events of them", async () => {
    expect(await read(": alive\n\n", ": alive\n\n")).toEqual({ events: [], heard: 2 });
  });

  it("drops what was cut off", async () => {
    expect((await read("event: change\ndata: {}")).events).toEqual([]);
  });
});
