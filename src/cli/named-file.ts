// Files that the user names on the command line, on this machine whatever the root is.
import { readFileSync, writeFileSync } from 'node:fs';
import { hostErrorFrom } from '#host/errno.ts';

/** @throws HostError naming the file and why. */
export function writeOutputFile(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw hostErrorFrom(`Cannot write ${file}`, error);
  }
}

/** latin1, as all texts from outside. @throws HostError naming the file and why. */
export function readInputFile(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch (error) {
    throw hostErrorFrom(`Cannot read ${file}`, error);
  }
}
