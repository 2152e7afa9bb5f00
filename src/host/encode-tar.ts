// A tar archive (POSIX ustar) of texts and directories: the same bytes for the same content.
import { Buffer } from 'node:buffer';
import { invariant } from '#domain/errors.ts';

const BLOCK = 512;
const LONGEST_NAME = 100;
const LONGEST_PREFIX = 155;

export interface TarEntry {
  /** Relative, without a slash at the end. */
  readonly path: string;
  /** latin1; null for a directory. */
  readonly text: string | null;
}

/** Nobody's files, of the year 1970, readable by their owner. */
export function encodeTar(entries: readonly TarEntry[]): Buffer {
  const blocks = entries.flatMap(({ path, text }) => {
    const content = Buffer.from(text ?? '', 'latin1');
    const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
    return [encodeHeader(path, text === null ? null : content.length), content, padding];
  });
  // Two empty blocks end an archive.
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

/** `bytes` null: a directory. */
function encodeHeader(path: string, bytes: number | null): Buffer {
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;
  const { prefix, name } = splitPath(bytes === null ? `${path}/` : path);
  const fields: readonly (readonly [offset: number, text: string])[] = [
    [0, name],
    [100, octal(bytes === null ? 0o700 : 0o600, 7)],
    [108, octal(0, 7)],
    [116, octal(0, 7)],
    [124, octal(bytes ?? 0, 11)],
    [136, octal(0, 11)],
    // The checksum counts itself as blanks.
    [148, ' '.repeat(8)],
    [156, bytes === null ? '5' : '0'],
    [257, 'ustar\x0000'],
    [345, prefix],
  ];
  for (const [offset, text] of fields) header.write(text, offset, 'latin1');
  const checksum = header.reduce((sum, byte) => sum + byte, 0);
  header.write(`${checksum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

/** Long paths are cut at a slash into two fields. */
function splitPath(path: string): { readonly prefix: string; readonly name: string } {
  if (path.length <= LONGEST_NAME) return { prefix: '', name: path };
  const cut = path.indexOf('/', path.length - LONGEST_NAME - 1);
  const [prefix, name] = [path.slice(0, cut), path.slice(cut + 1)];
  invariant(cut > 0 && prefix.length <= LONGEST_PREFIX && name !== '', `${path} is too long for a tar archive`);
  return { prefix, name };
}
