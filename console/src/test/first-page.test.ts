import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { firstPage } from "../../plugins/first-page.ts";

// Hex digits that gzip can make only half of.
const code = (length: number) =>
  createHash("shake256", { outputLength: length / 2 })
    .update("code")
    .digest("hex");
const chunk = (size: number, more: object) => ({ type: "chunk", code: code(size), imports: [], ...more });

function build(home: object): string[] {
  const bundle = {
    "index.js": chunk(1000, { isEntry: true, imports: ["shared.js"] }),
    "shared.js": chunk(1000, {}),
    "home.js": chunk(10, { facadeModuleId: "/src/pages/home.tsx", imports: ["shared.js"], ...home }),
    "other.js": chunk(100_000, { facadeModuleId: "/src/pages/other.tsx" }),
  };
  const said: string[] = [];
  const context = { error: (text: string) => said.push(text), info: () => {} };
  const { generateBundle } = firstPage("/pages/home.tsx", 3000) as unknown as {
    generateBundle: (this: object, options: object, bundle: object) => void;
  };
  generateBundle.call(context, {}, bundle);
  return said;
}

describe("firstPage", () => {
  it("lets a build go on whose other pages are large", () => {
    expect(build({})).toEqual([]);
  });

  it("fails one whose first page imports too much", () => {
    expect(build({ imports: ["shared.js", "other.js"] })).toEqual([
      expect.stringMatching(/^The first page's scripts take \d+ bytes, more than 3000\.$/),
    ]);
  });

  it("fails one in which it does not find the page", () => {
    expect(build({ facadeModuleId: "/src/pages/house.tsx" })).toEqual([
      "There is no chunk of /pages/home.tsx.",
    ]);
  });
});
