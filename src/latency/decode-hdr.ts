// Reads the V2 compressed text form of an HDR histogram, trusting nothing in it.
import { decompress } from 'hdr-histogram-js/dist/encoding.js';
import { ParseError } from '#domain/errors.ts';

export interface HdrBin {
  /** The middle of the values that the histogram does not tell apart. */
  readonly value: number;
  readonly count: number;
}

/** Of base64: far more than a histogram of three digits needs, and what it can inflate to fits in memory. */
const LONGEST = 131_072;
const COMPRESSED_COOKIE = 0x1c849314;
const PLAIN_COOKIE = 0x1c849313;
const HEADER_BYTES = 40;

/** Ascending. @throws ParseError without a position. Example: `HISTFAAAABl42pNpmSzMwMDAyIAKYHwm+w9QFgA8ewJ6`. */
export function decodeHdr(base64: string): readonly HdrBin[] {
  const plain = inflate(base64);
  const header = new DataView(plain.buffer, plain.byteOffset, plain.byteLength);
  if (plain.length < HEADER_BYTES || header.getUint32(0) !== PLAIN_COOKIE)
    throw new ParseError('Not an HDR histogram (V2)');
  const payload = header.getUint32(4);
  const digits = header.getUint32(12);
  const lowest = Number(header.getBigUint64(16));
  if (payload > plain.length - HEADER_BYTES) throw new ParseError('The histogram is cut off');
  if (digits > 5 || lowest < 1 || lowest > 2 ** 40)
    throw new ParseError(`A histogram of ${digits} digits from ${lowest} on makes no sense`);
  return readCounts(plain.subarray(HEADER_BYTES, HEADER_BYTES + payload), { digits, lowest });
}

function inflate(base64: string): Uint8Array {
  if (base64.length > LONGEST) throw new ParseError(`A histogram of ${base64.length} letters is too long`);
  const bytes = decodeBase64(base64);
  const view = new DataView(bytes.buffer);
  if (bytes.length < 8 || view.getUint32(0) !== COMPRESSED_COOKIE)
    throw new ParseError('Not a compressed HDR histogram (V2)');
  if (view.getUint32(4) > bytes.length - 8) throw new ParseError('The histogram is cut off');
  try {
    return decompress(bytes);
  } catch (error) {
    throw new ParseError('The histogram is damaged', {}, { cause: error });
  }
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function decodeBase64(text: string): Uint8Array {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) throw new ParseError('Not base64');
  const letters = text.replace(/=+$/, '');
  const bytes = new Uint8Array(Math.floor((letters.length * 3) / 4));
  let bits = 0;
  for (let index = 0; index < letters.length; index += 1) {
    bits = ((bits << 6) | LETTERS.indexOf(letters.charAt(index))) & 0xffffff;
    // After letters 1, 2 and 3 of four a byte is complete.
    const left = [null, 4, 2, 0][index % 4] ?? null;
    if (left !== null) bytes[Math.floor((index * 3) / 4)] = (bits >> left) & 0xff;
  }
  return bytes;
}

interface Shape {
  readonly digits: number;
  readonly lowest: number;
}

/** The counts of all slots in order; a negative number stands for that many empty ones. */
function readCounts(payload: Uint8Array, shape: Shape): readonly HdrBin[] {
  const bins: HdrBin[] = [];
  let slot = 0;
  for (let position = 0; position < payload.length; ) {
    const { value, next } = readNumber(payload, position);
    position = next;
    if (value > 0) bins.push({ value: slotMiddle(slot, shape), count: value });
    slot += value < 0 ? -value : 1;
    if (slot > 2 ** 26) throw new ParseError('The histogram reaches beyond any value');
  }
  return bins;
}

/** ZigZag LEB128: seven bits in a byte, the lowest first, the ninth byte whole; the lowest bit of all is the sign. */
function readNumber(bytes: Uint8Array, start: number): { readonly value: number; readonly next: number } {
  let raw = 0n;
  for (let index = 0; index < 9; index += 1) {
    const byte = bytes[start + index];
    if (byte === undefined) throw new ParseError('The histogram is cut off');
    const isLast = index === 8 || byte < 0x80;
    raw |= BigInt(index === 8 ? byte : byte & 0x7f) << BigInt(7 * index);
    if (isLast) {
      const value = Number((raw >> 1n) ^ -(raw & 1n));
      if (!Number.isSafeInteger(value)) throw new ParseError('The histogram has a count beyond any measurement');
      return { value, next: start + index + 1 };
    }
  }
  throw new ParseError('The histogram is cut off');
}

/** Slots are equally wide up to 2·10^digits, then twice as wide with every doubling. */
function slotMiddle(slot: number, { digits, lowest }: Shape): number {
  const half = 2 ** (Math.ceil(Math.log2(2 * 10 ** digits)) - 1);
  const doublings = Math.max(0, Math.floor(slot / half) - 1);
  const width = 2 ** (doublings + Math.floor(Math.log2(lowest)));
  return (slot - doublings * half) * width + Math.floor(width / 2);
}
