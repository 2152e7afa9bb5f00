// `npm run package`: the Debian package, after everything that it is made of and with is there.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { buildProgram } from './build.mjs';
import { ensurePrograms, PACKAGE_PROGRAMS } from './ensure-programs.mjs';

/** What only the executable is made of, 120 MB that nothing else in this project needs. */
const PROJECT = 'packaging/executable';
const LOCK = 'package-lock.json';

function ensureNode() {
  const installed = `${PROJECT}/node_modules/.${LOCK}`;
  const read = path => JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')).packages, '': undefined });
  if (existsSync(installed) && read(installed) === read(`${PROJECT}/${LOCK}`)) return;
  console.log(`Installing what the executable is made of (npm ci in ${PROJECT}) …`);
  const { status, error, stderr } = spawnSync('npm', ['ci', '--ignore-scripts'], { cwd: PROJECT, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm ci failed in ${PROJECT}:\n${error?.message ?? stderr}`);
}

try {
  const isAsked = process.argv.includes('--help');
  if (isAsked || ensurePrograms(PACKAGE_PROGRAMS).length === 0) {
    if (!isAsked) {
      await buildProgram();
      ensureNode();
    }
    process.argv.splice(2, 0, 'packaging/main.ts');
    await import('./run.mjs');
  } else process.exitCode = 1;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
