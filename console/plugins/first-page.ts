import { gzipSync } from "node:zlib";
import type { Plugin, Rollup } from "vite";

/** Fails the build where the scripts of the first page, `entry` and what it and `page` import, are more than so
 * many bytes in gzip. */
export function firstPage(page: string, bytesMax: number): Plugin {
  return {
    name: "first-page",
    apply: "build",
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((one) => one.type === "chunk");
      const first = chunks.filter(({ isEntry, facadeModuleId }) => isEntry || facadeModuleId?.endsWith(page));
      const bytes = [...withImports(first, bundle)].reduce((sum, { code }) => sum + gzipSync(code).length, 0);
      if (first.length < 2) this.error(`There is no chunk of ${page}.`);
      if (bytes > bytesMax)
        this.error(`The first page's scripts take ${bytes} bytes, more than ${bytesMax}.`);
      this.info(`The first page's scripts take ${bytes} of ${bytesMax} bytes.`);
    },
  };
}

function withImports(chunks: Rollup.OutputChunk[], bundle: Rollup.OutputBundle): Set<Rollup.OutputChunk> {
  const found = new Set(chunks);
  // A set goes on over what is added meanwhile.
  for (const { imports } of found) {
    for (const name of imports) {
      const chunk = bundle[name];
      if (chunk?.type === "chunk") found.add(chunk);
    }
  }
  return found;
}
