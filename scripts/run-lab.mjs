// Runs a program of the lab, after the system programs that it needs are there and Berth is built: what runs inside is the built program.
import { buildProgram } from './build.mjs';
import { ensurePrograms } from './ensure-programs.mjs';

async function prepare() {
  if (process.argv.includes('--help')) return true;
  if (ensurePrograms().length > 0) return false;
  if (await buildProgram()) console.error('Built the program.');
  return true;
}

try {
  if (await prepare()) await import('./run.mjs');
  else process.exitCode = 1;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
