// `npm start`: installs and builds what is missing, then runs `berth demo` with the arguments after `--`.
import { spawnSync } from 'node:child_process';
import { buildProgram } from './build.mjs';

try {
  if (await buildProgram()) console.log('Built the program.\n');
  const { status } = spawnSync(process.execPath, ['bin/berth', 'demo', ...process.argv.slice(2)], { stdio: 'inherit' });
  process.exitCode = status ?? 1;
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
