import { findNodeAtLocation, type ParseError, parseTree } from "jsonc-parser";
import type { Path } from "./definition-form";

const lineAt = (text: string, offset: number) => text.slice(0, offset).split("\n").length;

/** The line, from 1 on, where a text stops being JSON; null where it is JSON. */
export function brokenLine(text: string): number | null {
  const errors: ParseError[] = [];
  parseTree(text, errors, { disallowComments: true });
  const [first] = errors;
  return first ? lineAt(text, first.offset) : null;
}

/** The line of a member, or where it is missing of the innermost that is there and should have it. */
export function memberLine(text: string, path: Path): number | null {
  const tree = parseTree(text);
  if (!tree) return null;
  for (let length = path.length; length > 0; length -= 1) {
    const found = findNodeAtLocation(tree, path.slice(0, length));
    if (found) return lineAt(text, (found.parent?.type === "property" ? found.parent : found).offset);
  }
  return lineAt(text, tree.offset);
}

/** A path as AWS writes it: `containerDefinitions[0].cpu`. */
export function pathText(path: Path): string {
  return path
    .map((part) => (typeof part === "number" ? `[${part}]` : `.${part}`))
    .join("")
    .replace(/^\./, "");
}

/** The path whose parts were joined with dots: none of them may have one. */
export function pathIn(joined: string): Path {
  return joined.split(".").map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}
