// A package of an earlier version, for trials of upgrades: the same program, which gives another version, with another unit.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDeb } from './make-deb.ts';
import { makeExecutable } from './make-executable.ts';
import { listPackageFiles, type Release, UNIT_PATH } from './package-files.ts';
import { nameLibrary, readNode, readNodeParts } from './parts.ts';

/** Its path, in `directory`, which is made. */
export function makeOlderDeb(release: Release, directory: string): string {
  const older = { ...release, version: `${release.version}~older` };
  const work = join(directory, 'work');
  mkdirSync(work, { recursive: true });
  const bundle = join(work, 'older.cjs');
  const program = readFileSync('dist/berth.cjs', 'utf8');
  writeFileSync(bundle, replaceOnce(program, JSON.stringify(release.version), JSON.stringify(older.version)));
  const executable = join(work, 'berth');
  makeExecutable({ bundle, library: nameLibrary(), scratch: work, output: executable });
  const files = listPackageFiles({ executable, node: readNode(), nodeParts: readNodeParts(), release: older });
  const changed = files.map(file =>
    file.path === UNIT_PATH ? { ...file, content: replaceOnce(`${file.content}`, 'Berth:', 'Older Berth:') } : file,
  );
  const output = join(directory, `berth_${older.version}_amd64.deb`);
  makeDeb({ files: changed, release: older, root: join(work, 'root'), output, compression: 'none' });
  rmSync(work, { recursive: true });
  return output;
}

/** @throws Error unless it is there exactly once. */
function replaceOnce(text: string, from: string, to: string): string {
  const parts = text.split(from);
  if (parts.length !== 2) throw new Error(`Expected ${from} once, found it ${parts.length - 1} times`);
  return parts.join(to);
}
