// The table of VM config keys.
import { describe, expect, it } from 'vitest';
import { driveVolumes, VM_CONFIG_SCHEMA } from './vm-config-schema.ts';

describe('VM_CONFIG_SCHEMA', () => {
  it.each([
    ['affinity', 'cpuset'],
    ['numa', 'boolean'],
    ['numa7', 'numa-node'],
    ['net31', 'unchecked'],
    ['scsi30', 'unchecked'],
    ['unused255', 'unchecked'],
    ['allow-ksm', 'boolean'],
    ['running-nets-host-mtu', 'text'],
  ])('knows %s', (key, kind) => {
    expect(VM_CONFIG_SCHEMA.valueKind(key)).toBe(kind);
  });

  it.each([
    'affinity0',
    'numa8',
    'numa00',
    'cpuaffinity',
    'net32',
    'scsi31',
    'ide4',
    'hostpci16',
    'digest',
    'pending',
    'delete',
    'snapstate',
    'hostname',
    '',
    'constructor',
  ])('does not know %j', key => {
    expect(VM_CONFIG_SCHEMA.valueKind(key)).toBeUndefined();
  });

  it.each([
    ['hostpci', 16, 'unchecked'],
    ['ide', 4, 'unchecked'],
    ['ipconfig', 32, 'unchecked'],
    ['net', 32, 'unchecked'],
    ['numa', 8, 'numa-node'],
    ['parallel', 3, 'text'],
    ['sata', 6, 'unchecked'],
    ['scsi', 31, 'unchecked'],
    ['serial', 4, 'text'],
    ['unused', 256, 'unchecked'],
    ['usb', 14, 'unchecked'],
    ['virtio', 16, 'unchecked'],
    ['virtiofs', 10, 'unchecked'],
  ])('knows %s0 and so on, %i of them', (family, count, kind) => {
    const kinds = [0, count - 1, count].map(index => VM_CONFIG_SCHEMA.valueKind(`${family}${index}`));
    expect(kinds).toEqual([kind, kind, undefined]);
  });

  it.each([
    ['lvm:vm-120-cloudinit-disk', false],
    ['lvm:vm-120-cloudinit,media=cdrom', true],
    ['nfs:120/vm-120-cloudinit.qcow2,media=cdrom', true],
    ['local:cloudinit', true],
    ['lvm:vm-120-disk-0', false],
    ['none,media=cdrom', false],
  ])('a VM with the drive %s keeps its cloud-init section: %s', (value, keeps) => {
    expect(
      VM_CONFIG_SCHEMA.keepsCloudInit(
        new Map([
          ['ide0', 'lvm:1'],
          ['ide2', value],
        ]),
      ),
    ).toBe(keeps);
  });
});

describe('driveVolumes()', () => {
  it('finds volumes with and without key, of drives only', () => {
    const values = {
      scsi0: 'a:1,size=4G',
      sata1: 'size=4G,file=a:2',
      virtio10: 'volume=a:3,a:5',
      xscsi1: 'a:6',
      scsi1x: 'a:7',
      scsihw: 'lsi',
      unused0: 'a:4',
      net0: 'x',
    };
    expect(driveVolumes(new Map(Object.entries(values)))).toEqual(['a:1', 'a:2', 'a:3']);
  });
});
