// `berth capture`: this host as a fixture for bug reports.
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { captureJson } from '#contract/capture.ts';
import { encodeJson } from '#contract/read-json.ts';
import { type Capture, captureHost } from '#host/capture-host.ts';
import { encodeTar } from '#host/encode-tar.ts';
import { hostErrorFrom } from '#host/errno.ts';
import { printable } from '#report/printable.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';

/** Everything lies below it, so that unpacking litters no directory. */
const TOP = 'berth-capture';

/** Never replaces a file. */
export async function capture({ host, json, print, tell }: CommandContext, file: string): Promise<ExitCode> {
  const taken = await captureHost(host);
  const archive = gzipSync(encodeTar(makeEntries(taken)));
  writeNewFile(file, archive);
  const { files, leftOut } = taken;
  if (json) {
    const unknown = [...leftOut];
    print(
      encodeJson(captureJson, { schema: 'berth/capture/1', file, files: files.size, bytes: archive.length, unknown }),
    );
    return 0;
  }
  print(
    [
      `Wrote ${printable(file)}: ${files.size} files, ${Math.ceil(archive.length / 1024)} KiB.`,
      'Names, addresses, serial numbers, comments and secrets are not in it; VMIDs, sizes and CPU numbers are.',
      `To look at it: tar -xf ${printable(file)} && berth --root ${TOP} inspect`,
      '',
    ].join('\n'),
  );
  for (const { path, reason } of leftOut) tell(`left out ${printable(`${path}: ${reason}`)}\n`);
  return 0;
}

function makeEntries({ files, directories }: Capture) {
  const entries = [
    ...directories.map(path => ({ path: TOP + path, text: null })),
    ...[...files].map(([path, text]) => ({ path: TOP + path, text })),
  ];
  return entries.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Only its owner may read it: the choice to show it to others is theirs. */
function writeNewFile(file: string, content: Uint8Array): void {
  try {
    const fd = openSync(file, 'wx', 0o600);
    try {
      writeFileSync(fd, content);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw hostErrorFrom(`Cannot write ${file}`, error);
  }
}
