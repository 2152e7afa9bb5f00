// Finds a program of this machine, for those that there may be.
import { accessSync, constants } from 'node:fs';
import { posix } from 'node:path';

/** Its path; null when there is none in the directories of PATH. */
export function findProgram(name: string): string | null {
  const directories = (process.env.PATH ?? '').split(':').filter(directory => directory.startsWith('/'));
  return directories.map(directory => posix.join(directory, name)).find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
