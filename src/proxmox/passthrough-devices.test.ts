// Passthrough devices in QEMU's arguments.
import { describe, expect, it } from 'vitest';
import { passthroughDevices } from './passthrough-devices.ts';

describe('passthroughDevices()', () => {
  it.each([
    [['-device', 'vfio-pci,host=0000:01:00.0,id=hostpci0,bus=ich9-pcie-port-1,addr=0x0'], ['0000:01:00.0']],
    [['-device', 'vfio-pci,id=hostpci0.1,host=10000:e1:00.7,multifunction=on'], ['10000:e1:00.7']],
    [['-device', '{"driver":"vfio-pci","host":"0000:c1:00.1","id":"hostpci1"}'], ['0000:c1:00.1']],
    [
      ['-device', 'vfio-pci,host=0000:01:00.0', '-S', '-device', 'vfio-pci,host=0000:01:00.1'],
      ['0000:01:00.0', '0000:01:00.1'],
    ],
  ])('finds %j', (argv, addresses) => {
    expect(passthroughDevices(argv)).toEqual(addresses);
  });

  it.each([
    [['-device', 'virtio-net-pci,host=0000:01:00.0']],
    [['-device', 'vfio-pci,sysfsdev=/sys/bus/mdev/devices/00000000-0000-0000-0000-000000000100,id=hostpci0']],
    [['-name', 'vfio-pci,host=0000:01:00.0']],
    [['vfio-pci,host=0000:01:00.0']],
    [['-device', 'vfio-pci,host=0000:01:00.0/../../x'.replace('00.0', '0')]],
    [['-device']],
    [[]],
  ])('finds none in %j', argv => {
    expect(passthroughDevices(argv)).toEqual([]);
  });
});
