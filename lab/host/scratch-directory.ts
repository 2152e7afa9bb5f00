// Directories that last as long as the program: what a killed one could not remove, the next one does.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NAME = /^berth-lab-(\d+)-/;

/** Named after our pid; whoever asks for it removes it. */
export function makeScratchDirectory(): string {
  removeAbandoned();
  return mkdtempSync(join(tmpdir(), `berth-lab-${process.pid}-`));
}

function removeAbandoned(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = NAME.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process is alive too.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
