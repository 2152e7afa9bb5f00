// Bundles the program into dist/, with V8's compiled code beside it; does nothing when dist/ is newer than all that it is made of.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensurePackages } from './ensure-packages.mjs';

const ENTRY = 'dist/berth.cjs';
/** The solver's thread: a program of its own, of which the text is in the other one. */
const WORKER = 'src/solve/highs-worker.ts';
const CODE = `${ENTRY}.code`;
/** What `berth hook install` puts into a storage: its text is in the program, too. */
const SNIPPET = 'packaging/hook/berth-hook.sh';
/** The npm packages of which code is in the bundle, as a JSON list. */
const INSIDE = 'dist/packages.json';
const INPUTS = ['src', 'fixtures', 'bin', SNIPPET, 'package.json', 'package-lock.json', 'scripts'];

/** A CommonJS file has a name where a module has a URL. */
const MODULE_URL = "const berthUrl = require('node:url').pathToFileURL(__filename).href;";

/** Returns true when something was built. An earlier build stays as it is when this one fails. */
export async function buildProgram() {
  ensurePackages();
  const builtMs = statSync(ENTRY, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (INPUTS.every(path => newestMs(path) < builtMs)) return false;
  const { build } = await import('esbuild');
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const bundle = (entryPoints, define) => build({ ...OPTIONS, entryPoints, define: { ...OPTIONS.define, ...define } });
  const worker = await bundle({ 'highs-worker': WORKER }, {});
  const main = await bundle(
    { berth: 'src/cli/main.ts' },
    {
      'process.env.BERTH_VERSION': JSON.stringify(version),
      'process.env.BERTH_SOLVER': JSON.stringify(worker.outputFiles[0].text),
      'process.env.BERTH_HOOK': JSON.stringify(readFileSync(SNIPPET, 'latin1')),
    },
  );
  // The site and the package have directories of their own there.
  mkdirSync('dist', { recursive: true });
  rmSync(CODE, { force: true });
  for (const { path, contents } of [...worker.outputFiles, ...main.outputFiles]) writeFileSync(path, contents);
  writeFileSync(INSIDE, `${JSON.stringify(listPackages([worker, main]))}\n`);
  execFileSync(process.execPath, ['scripts/make-code-cache.mjs', ENTRY, CODE], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return true;
}

const OPTIONS = {
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  // One CommonJS file: V8 can keep its compiled code. Commands are still evaluated only when they are called.
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  // Native code and WebAssembly cannot be bundled; they are loaded with the first system call, and the first proof.
  external: ['koffi', 'highs'],
  define: { 'import.meta.url': 'berthUrl' },
  banner: { js: MODULE_URL },
  // Names stay, so that a stack trace in a bug report can be read.
  minifySyntax: true,
  minifyWhitespace: true,
  write: false,
  metafile: true,
  logLevel: 'error',
};

const listPackages = builds => {
  const inputs = builds.flatMap(({ metafile }) => Object.keys(metafile.inputs));
  const names = inputs.map(path => /.*\bnode_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]);
  return [...new Set(names.filter(name => name !== undefined))].sort((a, b) => (a < b ? -1 : 1));
};

/** The newest time in a file or tree, in ms since 1970. Directories count: deleting a file changes theirs. */
function newestMs(path) {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return readdirSync(path).reduce((newest, name) => Math.max(newest, newestMs(join(path, name))), stats.mtimeMs);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const began = performance.now();
  const built = await buildProgram();
  console.log(built ? `built ${ENTRY} in ${Math.round(performance.now() - began)} ms` : `${ENTRY} is up to date`);
}
