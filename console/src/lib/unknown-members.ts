import { NormalizedSchema } from "@smithy/core/schema";
import type { Path } from "./definition-form";

type Shape = ReturnType<typeof NormalizedSchema.of>;

/** Where a request has a member that its operation does not know, from outside to inside; null when it knows all. The
 * SDK leaves such members out without a word; AWS's command line refuses them. */
export function unknownMember(
  value: unknown,
  schema: Parameters<typeof NormalizedSchema.of>[0],
): Path | null {
  return firstUnknown(value, NormalizedSchema.of(schema), []);
}

function firstUnknown(value: unknown, shape: Shape, path: Path): Path | null {
  if (typeof value !== "object" || value === null) return null;
  if (shape.isListSchema()) {
    return first(Object.entries(value), ([index, item]) =>
      firstUnknown(item, shape.getValueSchema(), [...path, Number(index)]),
    );
  }
  if (!shape.isStructSchema()) return null;
  const members = shape.getMemberSchemas();
  return first(Object.entries(value), ([name, item]) => {
    const inside = [...path, name];
    const member = Object.hasOwn(members, name) ? members[name] : undefined;
    return member ? firstUnknown(item, member, inside) : inside;
  });
}

function first<T>(items: T[], find: (item: T) => Path | null): Path | null {
  for (const item of items) {
    const found = find(item);
    if (found) return found;
  }
  return null;
}
