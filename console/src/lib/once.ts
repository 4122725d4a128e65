/** What a wizard made so far, each part with what it was made of, so that another try goes on where the last one
 * failed. A part that was asked for in two ways is there twice. */
export type Parts<Part extends string> = Partial<Record<Part, { asked: string; id: string }[]>>;

/** Make a part, unless an earlier try made the very same; its id. Raises what `make` does. */
export async function once<Part extends string>(
  made: Parts<Part>,
  part: Part,
  asked: unknown,
  make: () => Promise<string | undefined>,
): Promise<string> {
  const text = JSON.stringify(asked);
  const all = made[part] ?? [];
  const known = all.find((one) => one.asked === text);
  if (known) return known.id;
  const id = (await make()) ?? "";
  made[part] = [...all, { asked: text, id }];
  return id;
}

/** What was made, for whom another try is before; empty where nothing was. */
export function madeText<Part extends string>(made: Parts<Part>): string {
  const all = Object.entries(made) as [Part, { id: string }[]][];
  const ready = all.flatMap(([part, ones]) => ones.map(({ id }) => `${part} ${nameIn(id)}`.trim()));
  if (ready.length === 0) return "";
  return (
    `Made already: ${ready.join(", ")}. The next try goes on with what is still asked for, makes anew what was ` +
    "changed, and leaves what it does not use."
  );
}

/** The name in a load balancer's or target group's ARN; nothing of others, whose ends nobody knows them by. */
function nameIn(id: string): string {
  if (!id.startsWith("arn:")) return id;
  return /:(?:targetgroup|loadbalancer\/app)\/([^/]+)\//.exec(id)?.[1] ?? "";
}
