import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { embeddedFonts } from "./plugins/embedded-fonts.ts";
import { firstPage } from "./plugins/first-page.ts";
import { packed } from "./plugins/packed.ts";

const base = "/console/";
const FIRST_PAGE_BYTES_MAX = 500_000;
const folder = fileURLToPath(new URL("../src/tidegate/console_static", import.meta.url));

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
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/test/setup.ts"],
    server: { deps: { inline: [/@cloudscape-design\//] } },
  },
});
