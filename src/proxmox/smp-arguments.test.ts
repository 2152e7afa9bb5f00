// vCPUs from the config to the command line.
import { describe, expect, it } from 'vitest';
import { cpuSet, nodeSet } from '#domain/id-set.ts';
import { encodeSmpArguments } from './smp-arguments.ts';
import type { StartHost } from './start-host.ts';
import { makeVmVcpus } from './vm-vcpus.ts';

const host: StartHost = {
  onlineCpus: cpuSet([0, 1, 2, 3, 4, 5, 6, 7]),
  nodes: nodeSet([0]),
  memoryNodes: nodeSet([0]),
  hugepageSizesKiB: new Set(),
  physicalAddressBits: 40,
};
const make = (entries: Record<string, string>) => makeVmVcpus(new Map(Object.entries(entries)), host);

describe('encodeSmpArguments()', () => {
  it.each<[Record<string, string>, string]>([
    [{}, '-smp 1,sockets=1,cores=1,maxcpus=1'],
    [{ sockets: '2', cores: '4' }, '-smp 8,sockets=2,cores=4,maxcpus=8'],
    [{ smp: '2', cores: '2' }, '-smp 4,sockets=2,cores=2,maxcpus=4'],
    [{ cores: '4', vcpus: '2' }, '-smp 2,sockets=1,cores=4,maxcpus=4'],
    [{ cores: '4', vcpus: '0' }, '-smp 4,sockets=1,cores=4,maxcpus=4'],
    [{ cores: '4', vcpus: '6' }, '-smp 6,sockets=1,cores=4,maxcpus=4'],
    [{ cores: '4', vcpus: '1', hotplug: 'cpu' }, '-smp 1,sockets=1,cores=4,maxcpus=4'],
    [
      { cores: '2', vcpus: '9', hotplug: 'cpu' },
      '-smp 1,sockets=1,cores=2,maxcpus=2 -device kvm64-x86_64-cpu,id=cpu2,socket-id=0,core-id=1,thread-id=0' +
        ' -device kvm64-x86_64-cpu,id=cpu3,socket-id=1,core-id=0,thread-id=0',
    ],
    [
      { sockets: '2', cores: '2', vcpus: '3', hotplug: 'disk,cpu' },
      '-smp 1,sockets=2,cores=2,maxcpus=4 -device kvm64-x86_64-cpu,id=cpu2,socket-id=0,core-id=1,thread-id=0' +
        ' -device kvm64-x86_64-cpu,id=cpu3,socket-id=1,core-id=0,thread-id=0',
    ],
  ])('of %j', (entries, words) => {
    expect(encodeSmpArguments(make(entries)).join(' ')).toBe(words);
  });
});

describe('makeVmVcpus()', () => {
  it.each<[Record<string, string>, string | null]>([
    [{}, null],
    [{ hotplug: 'memory' }, null],
    [{ hotplug: 'cpu' }, 'kvm64'],
    [{ hotplug: 'cpu', kvm: '0' }, 'qemu64'],
    [{ hotplug: 'cpu', cpu: 'host,flags=+aes' }, 'host'],
    [{ hotplug: 'cpu', cpu: 'flags=+aes,cputype=EPYC' }, 'EPYC'],
    [{ hotplug: 'cpu', cpu: 'flags=+aes' }, 'kvm64'],
    [{ hotplug: 'cpu', cpu: 'xcputype=EPYC' }, 'kvm64'],
    [{ hotplug: 'cpu', cpu: 'x86-64-v2' }, 'qemu64'],
    [{ hotplug: 'cpu', cpu: 'x86-64-v2-AES' }, 'qemu64'],
    [{ hotplug: 'cpu', cpu: 'x86-64-v3' }, 'qemu64'],
    [{ hotplug: 'cpu', cpu: 'x86-64-v4' }, 'qemu64'],
    [{ hotplug: 'cpu', cpu: 'Icelake-Client' }, 'Icelake-Server'],
    [{ hotplug: 'cpu', cpu: 'Icelake-Client-noTSX' }, 'Icelake-Server-noTSX'],
    [{ hotplug: 'cpu', kvm: '1' }, 'kvm64'],
    [{ hotplug: 'cpu', cpu: 'custom-ours' }, 'kvm64'],
  ])('plugs vCPUs of %j as %s', (entries, model) => {
    expect(make(entries).hotplugModel).toBe(model);
  });

  const overHost = { code: 'vcpus-over-host', keys: ['sockets', 'cores'] };
  const otherArchitecture = { code: 'cpu-hotplug-architecture', keys: ['hotplug', 'arch'] };

  it.each<[Record<string, string>, string, object]>([
    [{ sockets: '3', cores: '3' }, 'MAX 8 vcpus allowed per VM on this node', overHost],
    [{ cores: '9', vcpus: '2' }, 'MAX 8 vcpus allowed per VM on this node', overHost],
    [{ cores: '2', hotplug: 'cpu', arch: 'aarch64' }, 'Hotplug of non x86_64 CPU not yet supported', otherArchitecture],
  ])('refuses %j', (entries, words, problem) => {
    expect(() => make(entries)).toThrow(
      expect.objectContaining({ message: words, problem: expect.objectContaining(problem) }),
    );
  });

  it.each<[string, Record<string, string>, number]>([
    ['of another architecture have CPU hotplug while it has one vCPU', { hotplug: 'cpu', arch: 'aarch64' }, 1],
    ['of another architecture have many vCPUs without CPU hotplug', { cores: '4', arch: 'aarch64' }, 4],
    ['of this architecture have both', { cores: '4', hotplug: 'cpu', arch: 'x86_64' }, 4],
    ['have as many vCPUs as the node has CPUs', { cores: '8' }, 8],
  ])('lets a VM %s', (_, entries, plugged) => {
    expect(make(entries).plugged).toBe(plugged);
  });
});
