// A call that runs on while an upgrade replaces what is installed: the program is as it was, and what it loads late is gone.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('says of a part that is gone that there was an upgrade, and is no bug', () => {
  const directory = mkdtempSync(join(tmpdir(), 'berth-'));
  try {
    const program = join(directory, 'berth.cjs');
    copyFileSync('dist/berth.cjs', program);
    const env = { ...process.env, TMPDIR: directory };
    const { status, stderr } = spawnSync(process.execPath, [program, 'demo'], { encoding: 'utf8', env });
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/^berth: Cannot load koffi, .* upgraded or removed .* Call it again/),
    });
  } finally {
    rmSync(directory, { recursive: true });
  }
});
