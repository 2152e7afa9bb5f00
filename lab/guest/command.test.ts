// Configs and the QEMU command that Proxmox makes of them, on a lab host of two nodes.
import { describe, expect, it } from 'vitest';
import { parseCpuList, parseNodeList } from '#domain/id-list.ts';
import { makeVmCommand } from './command.ts';

const host = {
  onlineCpus: parseCpuList('0-7'),
  nodes: parseNodeList('0-1'),
  memoryNodes: parseNodeList('0-1'),
  hugepageSizesKiB: new Set([2048]),
  physicalAddressBits: 46,
};
const commandOf = (config: Readonly<Record<string, string>>): string =>
  makeVmCommand(100, new Map(Object.entries({ cores: '2', memory: '64', ...config })), host).join(' ');

describe('makeVmCommand()', () => {
  it('starts QEMU with what every guest has', () => {
    expect(commandOf({ name: 'web' })).toBe(
      'qemu-system-x86_64 -name web,debug-threads=on -no-shutdown ' +
        '-chardev socket,id=qmp,path=/var/run/qemu-server/100.qmp,server=on,wait=off -mon chardev=qmp,mode=control ' +
        '-pidfile /var/run/qemu-server/100.pid -daemonize -smp 2,sockets=1,cores=2,maxcpus=2 ' +
        '-nodefaults -display none -m 64 -accel tcg,thread=multi -machine type=pc',
    );
  });

  it('names a guest without a name after its VMID', () => {
    expect(commandOf({})).toContain('-name vm100,debug-threads=on');
  });

  it('puts taskset with all threads before QEMU where there is an affinity', () => {
    expect(commandOf({ affinity: '4-5,7' })).toMatch(/^\/usr\/bin\/taskset --cpu-list --all-tasks 4-5,7 qemu-system/);
  });

  it.each(['0', ''])('takes an affinity of "%s" for none, as Perl does', affinity => {
    expect(commandOf({ affinity })).toMatch(/^qemu-system/);
  });

  it('writes guest nodes with the node and the policy of the host', () => {
    const numa0 = 'cpus=0-1,hostnodes=1,memory=64,policy=bind';
    expect(commandOf({ numa: '1', numa0 })).toContain(
      '-object memory-backend-ram,id=ram-node0,size=64M,host-nodes=1,policy=bind -numa node,nodeid=0,cpus=0-1,memdev=ram-node0',
    );
  });

  it('gives each disk with iothread=1 a thread, and no other disk', () => {
    const command = commandOf({
      scsi0: 'local:vm-100-disk-0,iothread=1',
      scsi1: 'local:vm-100-disk-1,iothread=10',
      scsi2: 'local:vm-100-disk-2,iothread=0',
      virtio3: 'local:vm-100-disk-3,iothread=1,size=4G',
      scsihw: 'virtio-scsi-single',
    });
    expect(command.match(/iothread,id=\S+/g)).toEqual([
      'iothread,id=iothread-virtioscsi0',
      'iothread,id=iothread-virtio3',
    ]);
  });

  it('gives a serial port a socket, and a device of the host none', () => {
    const command = commandOf({ serial0: 'socket', serial1: '/dev/ttyS0' });
    expect(command).toContain(
      'path=/var/run/qemu-server/100.serial0,server=on,wait=off -device isa-serial,chardev=serial0',
    );
    expect(command).not.toContain('serial1');
  });

  it('passes args on last, split at blanks', () => {
    expect(commandOf({ args: '-S  -smp 4' })).toMatch(/-machine type=pc -S -smp 4$/);
  });

  it.each([
    ['a node that the host has not', { numa: '1', numa0: 'cpus=0-1,hostnodes=2,memory=64,policy=bind' }],
    ['more vCPUs than the host has CPUs', { cores: '9' }],
  ])('refuses %s', (_, config) => {
    expect(() => commandOf(config)).toThrow();
  });
});
