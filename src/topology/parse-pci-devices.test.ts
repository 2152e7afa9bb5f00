// Tests of PCI devices and where they are.
import { beforeAll, describe, expect, it } from 'vitest';
import type { HostTopology } from '#domain/host-topology.ts';
import { encodeIdList } from '#domain/id-list.ts';
import { cpuSet } from '#domain/id-set.ts';
import { makeShapeTree } from '#fixtures/shape-tree.ts';
import { shapes } from '#fixtures/shapes.ts';
import { makeTextTree } from '#fixtures/text-tree.ts';
import { parsePciDevices } from './parse-pci-devices.ts';
import { parseTopology } from './parse-topology.ts';

let topology: HostTopology;

beforeAll(() => {
  topology = parseTopology(makeTextTree(makeShapeTree(shapes.article)));
});

const CARD = {
  class: '0x020000\n',
  vendor: '0x8086\n',
  device: '0x1572\n',
  numa_node: '1\n',
  local_cpulist: '8-15,24-31\n',
  uevent: 'DRIVER=i40e\nPCI_CLASS=20000\n',
};

/** Address → files of that device. */
function parse(devices: Readonly<Record<string, Readonly<Record<string, string>>>>, host = topology) {
  const files = Object.entries(devices).flatMap(([address, own]) =>
    Object.entries(own).map(([name, text]) => [`/sys/bus/pci/devices/${address}/${name}`, text] as const),
  );
  return parsePciDevices(makeTextTree(new Map(files)), host);
}

const without = (name: keyof typeof CARD) =>
  Object.fromEntries(Object.entries(CARD).filter(([candidate]) => candidate !== name));

describe('parsePciDevices()', () => {
  it('reads what a device is, who drives it and where it is', () => {
    expect(parse({ '0000:81:00.0': CARD })).toEqual({
      devices: [
        {
          ...{ address: '0000:81:00.0', class: '020000', vendor: '8086', device: '1572', driver: 'i40e', node: 1 },
          localCpus: cpuSet([8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31]),
        },
      ],
      unknown: [],
    });
  });

  it.each([
    { why: 'firmware that does not say where it is', card: { ...CARD, numa_node: '-1\n' }, expected: { node: null } },
    { why: 'the first node', card: { ...CARD, numa_node: '0\n' }, expected: { node: 0 } },
    {
      why: 'lines that look like a driver',
      card: { ...CARD, uevent: 'XDRIVER=a\nDRIVER=\n' },
      expected: { driver: null },
    },
    {
      why: 'a driver behind other lines',
      card: { ...CARD, uevent: 'PCI_CLASS=2\nDRIVER=b\n' },
      expected: { driver: 'b' },
    },
    { why: 'numbers without an end of line', card: { ...CARD, class: '0x020000' }, expected: { class: '020000' } },
    { why: 'no driver', card: { ...CARD, uevent: 'PCI_CLASS=20000\n' }, expected: { driver: null } },
    { why: 'a kernel without NUMA', card: without('numa_node'), expected: { node: null } },
    { why: 'no list of CPUs', card: without('local_cpulist'), expected: { localCpus: null } },
    { why: 'hex in capitals', card: { ...CARD, device: '0x15AB\n' }, expected: { device: '15ab' } },
  ])('takes $why', ({ card, expected }) => {
    expect(parse({ '0000:81:00.0': card }).devices).toMatchObject([expected]);
  });

  it('reads the old mask, and drops offline CPUs', () => {
    const offline = parseTopology(makeTextTree(makeShapeTree({ ...shapes.article, offline: [3] })));
    const { devices } = parse({ '0000:81:00.0': { ...without('local_cpulist'), local_cpus: '0000000f\n' } }, offline);
    expect(encodeIdList(devices[0]?.localCpus ?? cpuSet())).toBe('0-2');
  });

  it('says once when drivers are not known', () => {
    const { devices, unknown } = parse({ '0000:01:00.0': without('uevent'), '0000:02:00.0': without('uevent') });
    expect(devices.map(({ driver }) => driver)).toEqual([null, null]);
    expect(unknown).toEqual([
      {
        path: '/sys/bus/pci/devices/0000:01:00.0/uevent',
        reason: 'not there: the driver of this device and 1 more is not known',
      },
    ]);
  });

  it('says when one driver is not known', () => {
    expect(parse({ '0000:01:00.0': without('uevent'), '0000:02:00.0': CARD }).unknown).toEqual([
      {
        path: '/sys/bus/pci/devices/0000:01:00.0/uevent',
        reason: 'not there: the driver of this device is not known',
      },
    ]);
  });

  it.each([
    'x0000:81:00.0',
    '0000:81:00.0x',
    '000:81:00.0',
    '0000:8:00.0',
    '0000:81:0.0',
    '0000:81:00.8',
    '0000:81:00x0',
    '0000:81:00',
    '000010000:81:00.0',
  ])('takes %s for no device', address => {
    expect(parse({ [address]: CARD }).devices).toEqual([]);
  });

  it.each(['class', 'vendor', 'device'] as const)('leaves out a device without %s', name => {
    expect(parse({ '0000:81:00.0': without(name) })).toEqual({ devices: [], unknown: [] });
  });

  it('takes long domains, leaves out what is no device, and has none where there is no bus', () => {
    const { devices } = parse({ '10000:e1:00.0': CARD, rubbish: CARD, '0000:01:00.0': without('vendor') });
    expect(devices.map(({ address }) => address)).toEqual(['10000:e1:00.0']);
    expect(parse({})).toEqual({ devices: [], unknown: [] });
  });

  it.each([
    ['class', '0x0200\n', 'expected 0x and 6 hex digits'],
    ['vendor', '8086\n', 'Cannot parse "8086": expected 0x and 4 hex digits'],
    ['vendor', 'x0x8086\n', 'expected 0x and 4 hex digits'],
    ['vendor', '0x8086x\n', 'expected 0x and 4 hex digits'],
    ['vendor', '0x8086\n\n', 'expected 0x and 4 hex digits'],
    ['device', '', 'Cannot parse ""'],
    ['numa_node', 'one\n', 'Cannot parse number "one"'],
    ['local_cpulist', '7-0\n', 'range start 7 is after end 0'],
  ])('refuses %s %j by the name of the file', (name, text, message) => {
    const attempt = () => parse({ '0000:81:00.0': { ...CARD, [name]: text } });
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(`/sys/bus/pci/devices/0000:81:00.0/${name}: `);
  });
});
