// The table that numbers CPUs anew, against the one that QEMU itself writes.
import { describe, expect, it } from 'vitest';
import { encodeMadt } from './madt.ts';
import { findLabShape, type LabShape } from './shapes.ts';

/** `/sys/firmware/acpi/tables/APIC` of a lab host with two sockets, four cores, two threads, as QEMU 7.2 made it. */
const QEMU_TABLE = Buffer.from(
  [
    ...['41504943f0000000019b424f4348532042585043202020200100000042585043', '010000000000e0fe01000000'],
    ...['0008000001000000', '0008010101000000', '0008020201000000', '0008030301000000'],
    ...['0008040401000000', '0008050501000000', '0008060601000000', '0008070701000000'],
    ...['0008080801000000', '0008090901000000', '00080a0a01000000', '00080b0b01000000'],
    ...['00080c0c01000000', '00080d0d01000000', '00080e0e01000000', '00080f0f01000000'],
    ...['010c00000000c0fe00000000', '020a0000020000000000'],
    ...['020a0005050000000d00', '020a0009090000000d00', '020a000a0a0000000d00', '020a000b0b0000000d00'],
    '0406ff000001',
  ].join(''),
  'hex',
);

const HEADER = 44;

/** Each entry after the header, in hexadecimal: its kind, its length, the rest. */
function listEntries(table: Buffer): readonly string[] {
  const entries: string[] = [];
  for (let at = HEADER; at < table.length; at += table[at + 1] ?? table.length) {
    entries.push(table.subarray(at, at + (table[at + 1] ?? 0)).toString('hex'));
  }
  return entries;
}

const apicIdsOf = (shape: LabShape): readonly number[] =>
  listEntries(encodeMadt(shape)).flatMap(entry =>
    entry.startsWith('0008') ? [Number.parseInt(entry.slice(6, 8), 16)] : [],
  );

const sumOf = (table: Buffer): number => table.reduce((sum, byte) => (sum + byte) % 256, 0);

describe('encodeMadt()', () => {
  const table = encodeMadt(findLabShape('2p2n8c2t'));

  it("has QEMU's entries, each of them once", () => {
    expect([...listEntries(table)].sort()).toEqual([...listEntries(QEMU_TABLE)].sort());
  });

  it("has QEMU's entries that are no CPUs in QEMU's order, after the CPUs", () => {
    expect(listEntries(table).slice(16)).toEqual(listEntries(QEMU_TABLE).slice(16));
  });

  it("has QEMU's header but for a higher revision, by which the kernel prefers it", () => {
    const revision = (of: Buffer) => of.readUInt32LE(24);
    expect(revision(table)).toBeGreaterThan(revision(QEMU_TABLE));
    const rest = (of: Buffer) => {
      const header = Buffer.from(of.subarray(0, HEADER));
      // The checksum follows from all the others.
      header.fill(0, 9, 10).fill(0, 24, 28);
      return header.toString('hex');
    };
    expect(rest(table)).toBe(rest(QEMU_TABLE));
  });

  it.each(['2p2n8c2t', '1p1n2d8c2t'])('adds up to 0 and says its length: %s', name => {
    const made = encodeMadt(findLabShape(name));
    expect(sumOf(made)).toBe(0);
    expect(made.readUInt32LE(4)).toBe(made.length);
    expect(sumOf(QEMU_TABLE)).toBe(0);
  });

  it('lists all first threads before all second ones', () => {
    expect(apicIdsOf(findLabShape('2p2n8c2t'))).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15]);
  });

  it('leaves the gaps in APIC ids that QEMU leaves where a count is no power of two', () => {
    const odd: LabShape = { ...findLabShape('2p2n8c2t'), cores: 3 };
    expect(apicIdsOf(odd)).toEqual([0, 2, 4, 8, 10, 12, 1, 3, 5, 9, 11, 13]);
    expect(sumOf(encodeMadt(odd))).toBe(0);
  });

  it('numbers dies within their socket', () => {
    const split: LabShape = { ...findLabShape('2p2n8c2t'), dies: 2, cores: 2, threads: 1 };
    expect(apicIdsOf(split)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });
});
