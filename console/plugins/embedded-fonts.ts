import { createHash } from "node:crypto";
import type { Plugin } from "vite";

const EMBEDDED = /url\(["']?data:font\/woff2;(?:charset=utf-8;)?base64,([A-Za-z0-9+/=]+)["']?\)/g;

/** Turns fonts that a stylesheet embeds into files: the policy allows no `data:` fonts, and files load once. */
export function embeddedFonts(base: string): Plugin {
  return {
    name: "embedded-fonts",
    apply: "build",
    enforce: "post",
    generateBundle(_options, bundle) {
      for (const item of Object.values(bundle)) {
        if (item.type !== "asset" || !item.fileName.endsWith(".css")) continue;
        item.source = String(item.source).replace(EMBEDDED, (_match, encoded: string) => {
          const content = Buffer.from(encoded, "base64");
          const fileName = `assets/font-${createHash("sha256").update(content).digest("hex").slice(0, 12)}.woff2`;
          this.emitFile({ type: "asset", fileName, source: content });
          return `url(${base}${fileName})`;
        });
      }
    },
  };
}
