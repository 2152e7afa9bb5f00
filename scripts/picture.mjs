// `npm run picture`: draws the README's picture, the demo host after its plan was applied.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildProgram } from './build.mjs';

await buildProgram();
const scratch = mkdtempSync(join(tmpdir(), 'berth-picture-'));
/** Exit code 2 says that guests wait for a restart: expected here. */
const berth = (...args) => {
  try {
    return execFileSync(process.execPath, ['bin/berth', ...args], {
      env: { ...process.env, TMPDIR: scratch },
      encoding: 'utf8',
    });
  } catch (error) {
    if (error.status !== 2) throw error;
    return error.stdout;
  }
};
berth('demo');
const root = join(scratch, readdirSync(scratch)[0]);
berth('--root', root, 'apply', '--yes');
berth('--root', root, 'inspect', '--svg', 'docs/inspect.svg');
rmSync(scratch, { recursive: true });
