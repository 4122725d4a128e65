import { describe, expect, it } from "vitest";
import { lineOf, wordsIn } from "../lib/shell-words";

describe("wordsIn", () => {
  it.each([
    ["", []],
    ["  python3   app.py\n--port 80 ", ["python3", "app.py", "--port", "80"]],
    [`sh -c "echo 'hi' \\"there\\""`, ["sh", "-c", `echo 'hi' "there"`]],
    ["a'b c'd", ["ab cd"]],
    ["''", [""]],
    [`"a\\nb" a\\ b '\\'`, ["a\\nb", "a b", "\\"]],
    ["'not closed", ["not closed"]],
  ])("of %j are %j", (line, words) => expect(wordsIn(line)).toEqual(words));

  it.each([[["sh", "-c", 'it\'s; a="$b" \\ \n c']], [["", " ", "'"]], [[]]])("give back %j", (words) => {
    expect(wordsIn(lineOf(words))).toEqual(words);
  });
});
