// Tests of devices in a few words.
import { describe, expect, it } from 'vitest';
import { numaNodeId } from '#domain/ids.ts';
import type { PciDevice } from '#domain/pci-device.ts';
import { makeInventory } from '#fixtures/make-inventory.ts';
import { shapes } from '#fixtures/shapes.ts';
import { makeNodeDevices } from './host-devices.ts';

const device = (address: string, more: Partial<PciDevice> = {}): PciDevice => ({
  ...{ address, class: '020000', vendor: '8086', device: '1572', driver: 'i40e', node: numaNodeId(0), localCpus: null },
  ...more,
});

const groups = (...pciDevices: readonly PciDevice[]) =>
  makeNodeDevices({ ...makeInventory(shapes.tiny, []), pciDevices });

describe('makeNodeDevices()', () => {
  it('puts like devices of a node together, and those without a node last', () => {
    const nvme = { class: '010802', driver: 'nvme' };
    expect(
      groups(
        device('0000:00:01.0', { node: null, driver: null }),
        device('0000:01:00.0', { ...nvme, node: numaNodeId(1) }),
        device('0000:81:00.0'),
        device('0000:81:00.1'),
        device('0000:82:00.0', nvme),
      ),
    ).toEqual([
      { node: 0, groups: ['network i40e 0000:81:00.0, 0000:81:00.1', 'storage nvme 0000:82:00.0'] },
      { node: 1, groups: ['storage nvme 0000:01:00.0'] },
      { node: null, groups: ['network 0000:00:01.0'] },
    ]);
  });

  it('leaves bridges and board devices out, and counts what would be too long', () => {
    const bridge = device('0000:00:00.0', { class: '060000' });
    const many = Array.from({ length: 9 }, (_, index) => device(`0000:81:0${index}.0`));
    expect(groups(bridge)).toEqual([]);
    expect(groups(...many)[0]?.groups).toEqual(['network i40e 0000:81:00.0, 0000:81:01.0, 0000:81:02.0 and 6 more']);
  });

  it('has nothing where devices were not looked for', () => {
    expect(makeNodeDevices(makeInventory(shapes.tiny, []))).toEqual([]);
  });
});
