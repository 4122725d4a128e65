/** A line of one text or of both: taken away, added, or the same. */
export interface Line {
  sign: "-" | "+" | " ";
  text: string;
}

/** The lines of two texts by their longest common subsequence: what was taken away comes before what was added. */
export function lineDiff(old: string, fresh: string): Line[] {
  const [before, after] = [old.split("\n"), fresh.split("\n")];
  const common = commonLengths(before, after);
  const lines: Line[] = [];
  let [row, column] = [0, 0];
  while (row < before.length || column < after.length) {
    const [one, other] = [before[row], after[column]];
    if (one !== undefined && one === other) {
      lines.push({ sign: " ", text: one });
      row += 1;
      column += 1;
    } else if (one !== undefined && at(common, row + 1, column) >= at(common, row, column + 1)) {
      lines.push({ sign: "-", text: one });
      row += 1;
    } else {
      lines.push({ sign: "+", text: other ?? "" });
      column += 1;
    }
  }
  return lines;
}

const at = (table: number[][], row: number, column: number) => table[row]?.[column] ?? -1;

/** The length of the longest common subsequence of what begins at each pair of lines. */
function commonLengths(before: string[], after: string[]): number[][] {
  const table = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0));
  for (let row = before.length - 1; row >= 0; row -= 1) {
    const current = table[row] ?? [];
    for (let column = after.length - 1; column >= 0; column -= 1) {
      current[column] =
        before[row] === after[column]
          ? at(table, row + 1, column + 1) + 1
          : Math.max(at(table, row + 1, column), at(table, row, column + 1));
    }
  }
  return table;
}

/** Lines, and in the place of long stretches that are the same how many there are. */
export function folded(lines: Line[], context = 3): (Line | { same: number })[] {
  const isNear = lines.map((_, index) =>
    lines.slice(Math.max(0, index - context), index + context + 1).some(({ sign }) => sign !== " "),
  );
  const shown: (Line | { same: number })[] = [];
  lines.forEach((line, index) => {
    const last = shown.at(-1);
    if (isNear[index]) shown.push(line);
    else if (last && "same" in last) last.same += 1;
    else shown.push({ same: 1 });
  });
  return shown;
}
