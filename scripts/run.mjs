// Runs a TypeScript program of this checkout: bundles it into node_modules/.cache and passes the other arguments on.
import { renameSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { ensurePackages } from './ensure-packages.mjs';

const [entry, ...programArguments] = process.argv.slice(2);
if (entry === undefined) throw new Error('Usage: node scripts/run.mjs FILE.ts [ARGUMENT…]');

ensurePackages();
const { build } = await import('esbuild');
const outfile = `node_modules/.cache/berth/${entry.replaceAll('/', '-')}.mjs`;
// Two of the same program may start at once, and neither may find a file that the other has not finished.
const unfinished = `${outfile}.${process.pid}`;
await build({
  entryPoints: [entry],
  outfile: unfinished,
  bundle: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: 'inline',
  logLevel: 'error',
});
renameSync(unfinished, outfile);
process.setSourceMapsEnabled(true);
process.argv = [process.execPath, entry, ...programArguments];
await import(pathToFileURL(outfile).href);
