import { NormalizedSchema } from "@smithy/core/schema";

type Shape = ReturnType<typeof NormalizedSchema.of>;

/** Where a request has a member that its operation does not know, as `containerDefinitions[0].memmory`; null
 * when it knows all. The SDK leaves such members out without a word; AWS's command line refuses them. */
export function unknownMember(
  value: unknown,
  schema: Parameters<typeof NormalizedSchema.of>[0],
): string | null {
  return firstUnknown(value, NormalizedSchema.of(schema), "");
}

function firstUnknown(value: unknown, shape: Shape, path: string): string | null {
  if (typeof value !== "object" || value === null) return null;
  if (shape.isListSchema()) {
    return first(Object.entries(value), ([index, item]) =>
      firstUnknown(item, shape.getValueSchema(), `${path}[${index}]`),
    );
  }
  if (!shape.isStructSchema()) return null;
  const members = shape.getMemberSchemas();
  return first(Object.entries(value), ([name, item]) => {
    const inside = path ? `${path}.${name}` : name;
    const member = Object.hasOwn(members, name) ? members[name] : undefined;
    return member ? firstUnknown(item, member, inside) : inside;
  });
}

function first<T>(items: T[], find: (item: T) => string | null): string | null {
  for (const item of items) {
    const found = find(item);
    if (found) return found;
  }
  return null;
}
