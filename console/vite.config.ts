import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { embeddedFonts } from "./plugins/embedded-fonts.ts";
import { firstPage } from "./plugins/first-page.ts";
import { packed } from "./plugins/packed.ts";

const base = "/console/";
const FIRST_PAGE_BYTES_MAX = 500_000;
const folder = fileURLToPath(new URL("../src/tidegate/console_static", import.meta.url));
const tests = fileURLToPath(new URL("src/test/", import.meta.url));
// A module that a test replaces would stay replaced, or be real, for those that share its process.
const mocking = readdirSync(tests)
  .filter((name) => /\.test\.tsx?$/.test(name) && readFileSync(tests + name, "utf8").includes("vi.mock("))
  .map((name) => `src/test/${name}`);

export default defineConfig({
  base,
  plugins: [react(), embeddedFonts(base), packed(folder), firstPage("/pages/home.tsx", FIRST_PAGE_BYTES_MAX)],
  build: {
    outDir: folder,
    emptyOutDir: true,
    // The policy allows no `data:` images either.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 2000,
  },
  test: {
    environment: "jsdom",
    // A busy machine draws a table in seconds.
    testTimeout: 30_000,
    // By itself it leaves a core free, which is half of a machine with two.
    maxWorkers: "100%",
    setupFiles: ["src/test/setup.ts"],
    server: { deps: { inline: [/@cloudscape-design\//] } },
    // Imports take longer than the tests: most files share those of their process.
    projects: [
      {
        extends: true,
        test: { name: "shared", isolate: false, include: ["src/**/*.test.{ts,tsx}"], exclude: mocking },
      },
      { extends: true, test: { name: "mocking", include: mocking } },
    ],
  },
});
