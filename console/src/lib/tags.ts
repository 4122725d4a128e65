import { shorthand } from "./text";

export interface Tag {
  Key?: string | undefined;
  Value?: string | undefined;
}

export interface TagChanges {
  add: Tag[];
  remove: string[];
}

/** What makes the tags there are those that are wanted. */
export function tagChanges(there: Tag[], wanted: Tag[]): TagChanges {
  const keys = new Set(wanted.map(({ Key }) => Key));
  const values = new Map(there.map(({ Key, Value }) => [Key, Value ?? ""]));
  return {
    add: wanted.filter(({ Key, Value }) => values.get(Key) !== (Value ?? "")),
    remove: there.flatMap(({ Key }) => (Key !== undefined && !keys.has(Key) ? [Key] : [])),
  };
}

/** What must be mended, by the place of the tag in the list. */
export function tagFaults(tags: Tag[]): (string | undefined)[] {
  const keys = tags.map(({ Key }) => Key ?? "");
  return keys.map((key, index) => {
    if (key === "") return "A tag needs a key.";
    return keys.indexOf(key) < index ? "There is a tag of this key already." : undefined;
  });
}

interface Savers {
  add: (tags: { Key: string; Value: string }[]) => Promise<unknown>;
  remove: (keys: string[]) => Promise<unknown>;
}

/** Add first: where that is refused, none has been lost. */
export async function saveTags(changes: TagChanges, { add, remove }: Savers): Promise<void> {
  if (changes.add.length > 0) await add(changes.add.map(({ Key = "", Value = "" }) => ({ Key, Value })));
  if (changes.remove.length > 0) await remove(changes.remove);
}

/** The same as commands, one a line; the one that shows them where nothing changes. */
export function tagCommands(
  { add, remove }: TagChanges,
  commands: { add: (words: string[]) => string; remove: (keys: string[]) => string; show: string },
): string {
  const lines = [
    ...(add.length > 0 ? [commands.add(tagWords(add))] : []),
    ...(remove.length > 0 ? [commands.remove(remove)] : []),
  ];
  return lines.join("\n") || commands.show;
}

/** As options of the aws command take them. */
export const tagWords = (tags: Tag[]): string[] =>
  tags.map(({ Key = "", Value = "" }) => `Key=${shorthand(Key)},Value=${shorthand(Value)}`);
