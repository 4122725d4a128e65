export interface Tag {
  Key?: string | undefined;
  Value?: string | undefined;
}

/** What makes the tags there are those that are wanted. */
export function tagChanges(there: Tag[], wanted: Tag[]): { add: Tag[]; remove: string[] } {
  const keys = new Set(wanted.map(({ Key }) => Key));
  const values = new Map(there.map(({ Key, Value }) => [Key, Value ?? ""]));
  return {
    add: wanted.filter(({ Key, Value }) => values.get(Key) !== (Value ?? "")),
    remove: there.flatMap(({ Key }) => (Key !== undefined && !keys.has(Key) ? [Key] : [])),
  };
}

/** As options of the aws command take them. */
export const tagWords = (tags: Tag[]): string[] =>
  tags.map(({ Key, Value }) => `Key=${Key},Value=${Value ?? ""}`);
