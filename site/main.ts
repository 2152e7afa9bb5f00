// `npm run site`: makes the documentation, docs/ and the glossary, into pages for a browser in dist/site; they need no network.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeSite } from './make-site.ts';

const OUT = 'dist/site';

rmSync(OUT, { recursive: true, force: true });
const files = makeSite();
for (const [path, content] of files) {
  mkdirSync(dirname(join(OUT, path)), { recursive: true });
  writeFileSync(join(OUT, path), content);
}
console.log(`${files.size} files in ${OUT}; begin with ${OUT}/index.html`);
