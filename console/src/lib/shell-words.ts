import { shellWord } from "./text";

/** The words of a line as a shell reads them, without expanding anything, and whether a quote stays open. */
function read(line: string): { words: string[]; isOpen: boolean } {
  const words: string[] = [];
  let word: string | null = null;
  let quote = "";
  for (let index = 0; index < line.length; index += 1) {
    const char = line.charAt(index);
    if (quote === "" && /\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (quote === "" && (char === "'" || char === '"')) {
      quote = char;
      word ??= "";
    } else if (char === quote) {
      quote = "";
    } else if (char === "\\" && quote !== "'" && index + 1 < line.length) {
      index += 1;
      const next = line.charAt(index);
      // Between double quotes a backslash stands for itself but before these.
      word = (word ?? "") + (quote === '"' && !'"\\$`'.includes(next) ? char : "") + next;
    } else {
      word = (word ?? "") + char;
    }
  }
  return { words: word === null ? words : [...words, word], isOpen: quote !== "" };
}

/** The words of a line; a quote that is not closed ends with it. */
export const wordsIn = (line: string): string[] => read(line).words;

/** The words of a line; null where a quote stays open. */
export function closedWordsIn(line: string): string[] | null {
  const { words, isOpen } = read(line);
  return isOpen ? null : words;
}

/** The line that a shell would read as these words. */
export const lineOf = (words: readonly string[]) => words.map(shellWord).join(" ");
