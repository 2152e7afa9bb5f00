// Bundles the program into dist/, one chunk for each command; does nothing when dist/ is newer than all that it is made of.
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensurePackages } from './ensure-packages.mjs';

const ENTRY = 'dist/berth.js';
const INPUTS = ['src', 'fixtures', 'package.json', 'package-lock.json', 'scripts/build.mjs'];

/** CommonJS packages call `require` for Node's own modules; a bundle in ESM has none. */
const REQUIRE =
  "import { createRequire as berthCreateRequire } from 'node:module'; const require = berthCreateRequire(import.meta.url);";

/** Returns true when something was built. An earlier build stays as it is when this one fails. */
export async function buildProgram() {
  ensurePackages();
  const builtMs = statSync(ENTRY, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (INPUTS.every(path => newestMs(path) < builtMs)) return false;
  const { build } = await import('esbuild');
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const { outputFiles } = await build({
    entryPoints: { berth: 'src/cli/main.ts' },
    outdir: 'dist',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    // Native code cannot be bundled; it is loaded when a command makes its first system call.
    external: ['koffi'],
    define: { 'process.env.BERTH_VERSION': JSON.stringify(version) },
    banner: { js: REQUIRE },
    // Names stay, so that a stack trace in a bug report can be read.
    minifySyntax: true,
    minifyWhitespace: true,
    write: false,
    logLevel: 'error',
  });
  replaceDirectory('dist', outputFiles);
  return true;
}

/** The newest time in a file or tree, in ms since 1970. Directories count: deleting a file changes theirs. */
function newestMs(path) {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return readdirSync(path).reduce((newest, name) => Math.max(newest, newestMs(join(path, name))), stats.mtimeMs);
}

/** The entry goes last: while it is missing, the build counts as not made. */
function replaceDirectory(directory, files) {
  rmSync(directory, { recursive: true, force: true });
  const isEntry = file => relative('.', file.path) === ENTRY;
  for (const file of [...files].sort((a, b) => Number(isEntry(a)) - Number(isEntry(b)))) {
    mkdirSync(dirname(file.path), { recursive: true });
    writeFileSync(file.path, file.contents);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const began = performance.now();
  const built = await buildProgram();
  console.log(built ? `built ${ENTRY} in ${Math.round(performance.now() - began)} ms` : `${ENTRY} is up to date`);
}
