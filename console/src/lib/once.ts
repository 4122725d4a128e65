import { isCode } from "./aws-errors";
import { isRefusal } from "./refused";

/** One way in which a part was asked for. */
interface Try {
  identity: string;
  /** Empty while nobody knows what it is made of: a change of it was not answered. */
  asked: string;
  /** Empty until AWS answered with it. */
  id: string;
  /** Whether the last try of all was made with it: what AWS says to be gone then is no other. */
  isUsed?: boolean;
}

/** What a wizard made so far, each part with what it was made of, so that another try goes on where the last one
 * failed. A part that was asked for under two identities is there twice. */
export type Parts<Part extends string> = Partial<Record<Part, Try[]>>;

interface Changeable {
  /** What AWS knows the part by, and lets nobody change. */
  identity: unknown;
  /** Makes the part of this id what is asked for by now. */
  change: (id: string) => Promise<unknown>;
  /** Whether an error says that there is one of this identity, made of something else. Given where AWS answers a
   * request that it knows with what it made: so a part is told from somebody else's whose making was not answered. */
  isTaken?: (error: unknown) => boolean;
}

/** Whether AWS says by this error that a name, or what else a part is known by, is taken. */
export const named = (code: string) => (error: unknown) => isCode(error, code);

/** Make a part, unless an earlier try made the very same, or change the one of the same identity; its id. A part that
 * AWS cannot change is known by all that it is made of. Raises what `make` and `change` do. */
export async function once<Part extends string, Asked>(
  made: Parts<Part>,
  part: Part,
  asked: Asked,
  make: (asked: Asked) => Promise<string | undefined>,
  as: Changeable = { identity: asked, change: async () => {} },
): Promise<string> {
  const known = found(made, part, as.identity) ?? (await first(made, part, asked, make, as));
  known.isUsed = true;
  const text = JSON.stringify(asked);
  if (known.asked === text) return known.id;
  known.asked = "";
  await as.change(known.id);
  known.asked = text;
  return known.id;
}

function found<Part extends string>(made: Parts<Part>, part: Part, identity: unknown): Try | undefined {
  const text = JSON.stringify(identity);
  return made[part]?.find((one) => one.identity === text && one.id);
}

/** The id of a part that an earlier try made; undefined where none did. */
export const idOf = <Part extends string>(made: Parts<Part>, part: Part, identity: unknown) =>
  found(made, part, identity)?.id;

/** Make it, or find what an earlier try made of something else. What was asked for is kept also where no answer comes:
 * it may have been made. */
async function first<Part extends string, Asked>(
  made: Parts<Part>,
  part: Part,
  asked: Asked,
  make: (asked: Asked) => Promise<string | undefined>,
  { identity, isTaken = () => false }: Changeable,
): Promise<Try> {
  const lost = unanswered(made, part, identity) as Asked[];
  const sent = { identity: JSON.stringify(identity), asked: JSON.stringify(asked), id: "" };
  const others = (made[part] ?? []).filter(
    (one) => one.identity !== sent.identity || one.asked !== sent.asked,
  );
  made[part] = [...others, sent];
  try {
    sent.id = (await make(asked)) ?? "";
  } catch (error) {
    if (isRefusal(error)) made[part] = others;
    const ours = isTaken(error) ? await firstMade(lost, make, isTaken) : undefined;
    if (!ours) throw error;
    made[part] = [...others, Object.assign(sent, ours)];
  }
  return sent;
}

/** The first of the requests that AWS knows again, with what it made of it. */
async function firstMade<Asked>(
  lost: Asked[],
  make: (asked: Asked) => Promise<string | undefined>,
  isTaken: (error: unknown) => boolean,
): Promise<Pick<Try, "asked" | "id"> | undefined> {
  for (const one of lost) {
    try {
      return { asked: JSON.stringify(one), id: (await make(one)) ?? "" };
    } catch (error) {
      if (!isTaken(error) && !isRefusal(error)) throw error;
    }
  }
  return undefined;
}

/** What AWS says of a part that is gone: a code, or words where its code says more than that. */
export type Gone = string | RegExp;

const says = (error: unknown, gone: Gone): boolean =>
  typeof gone === "string" ? isCode(error, gone) : error instanceof Error && gone.test(error.message);

/** Do what makes parts; of one that it used, and of which AWS says that it is not there any more, the next try makes
 * another. What earlier tries made beside it stays known, and what somebody chose is none of them. Raises what `work`
 * does. */
export async function forgettingGone<Part extends string, T>(
  made: Parts<Part>,
  words: Partial<Record<NoInfer<Part>, Gone[]>>,
  work: () => Promise<T>,
): Promise<T> {
  for (const one of Object.values<Try[] | undefined>(made).flat()) if (one) one.isUsed = false;
  try {
    return await work();
  } catch (error) {
    for (const [part, gone] of Object.entries(words) as [Part, Gone[]][])
      if (gone.some((one) => says(error, one)))
        made[part] = made[part]?.filter(({ isUsed }) => !isUsed) ?? [];
    throw error;
  }
}

/** What was asked for under an identity by requests that AWS did not answer. */
export function unanswered<Part extends string>(made: Parts<Part>, part: Part, identity: unknown): unknown[] {
  const text = JSON.stringify(identity);
  const lost = (made[part] ?? []).filter((one) => one.identity === text && !one.id);
  return lost.map(({ asked }) => JSON.parse(asked) as unknown);
}

/** What was made, for whom another try is before; empty where nothing was. */
export function madeText<Part extends string>(made: Parts<Part>): string {
  const all = Object.entries(made) as [Part, Try[]][];
  const ready = all.flatMap(([part, tries]) =>
    tries.filter(({ id }) => id).map(({ id }) => `${part} ${nameIn(id)}`.trim()),
  );
  if (ready.length === 0) return "";
  return (
    `Made already: ${ready.join(", ")}. The next try goes on with what is still asked for, changes it where it was ` +
    "to be another, makes anew what AWS cannot change, and leaves what it does not use."
  );
}

/** The name in a load balancer's or target group's ARN; nothing of others, whose ends nobody knows them by. */
function nameIn(id: string): string {
  if (!id.startsWith("arn:")) return id;
  return /:(?:targetgroup|loadbalancer\/app)\/([^/]+)\//.exec(id)?.[1] ?? "";
}
