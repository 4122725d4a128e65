import { type Draft, faultsOf, type Path } from "./definition-form";
import { requestIn } from "./definition-text";
import { brokenLine, memberLine, pathIn, pathText } from "./json-lines";

/** What is wrong with the text of a task definition, and in which line where that is known. */
export interface LineFault {
  line: number | null;
  text: string;
}

/** Every fault of the text. What AWS would refuse is told once somebody wanted to register. */
export function lineFaults(text: string, draft: Draft | null, isChecked: boolean): LineFault[] {
  const read = requestIn(text);
  if ("fault" in read) {
    const line = read.member === undefined ? brokenLine(text) : lineOf(text, read.member);
    return [{ line, text: read.fault }];
  }
  if (!isChecked || !draft) return [];
  return Object.entries(faultsOf(draft)).map(([joined, fault]) => {
    const path = pathIn(joined);
    return { line: lineOf(text, path), text: `${pathText(path)}: ${fault}` };
  });
}

/** What `describe-task-definition` prints has the definition inside of `taskDefinition`, and its tags beside it. */
function lineOf(text: string, path: Path): number | null {
  const isDescribed = (JSON.parse(text)?.taskDefinition ?? null) !== null;
  const isInside = isDescribed && path[0] !== "tags";
  return memberLine(text, isInside ? ["taskDefinition", ...path] : path);
}
