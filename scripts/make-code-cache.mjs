// Keeps V8's compiled code of the bundle after the demo was run with it: `node make-code-cache.mjs BUNDLE CODE`.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const [bundle, code] = process.argv.slice(2).map(path => resolve(path));
const { loadBundle } = createRequire(import.meta.url)('../bin/load-bundle.js');

// What has run is compiled; so the code holds what commands need, and no more.
const root = mkdtempSync(join(tmpdir(), 'berth-build-'));
process.env.TMPDIR = root;
process.argv = [process.execPath, bundle, 'demo'];
process.on('exit', () => rmSync(root, { recursive: true, force: true }));
process.stdout.write = () => true;
process.stderr.write = () => true;
const script = loadBundle(bundle, code);
process.once('beforeExit', () => {
  writeFileSync(code, script.createCachedData());
  process.exitCode = 0;
});
