// Reads recorded cases; a corpus that is not there is an error of its own.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The values of a file with one JSON text per line. */
export function readJsonLines(path: string): readonly unknown[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line));
}

/** The files of a directory whose names end so, with their texts, one character per byte. */
export function readTexts(
  directory: string,
  ending: string,
): readonly { readonly name: string; readonly text: string }[] {
  return readdirSync(directory)
    .filter(name => name.endsWith(ending))
    .sort()
    .map(name => ({ name, text: readFileSync(join(directory, name), 'latin1') }));
}
