// Memory layouts and refusals of Proxmox; the order of its checks decides which words one sees.
import { describe, expect, it } from 'vitest';
import { cpuSet, nodeSet } from '#domain/id-set.ts';
import { encodeMachineFlags, encodeMemoryArguments } from './memory-arguments.ts';
import type { StartHost } from './start-host.ts';
import { makeVmMemory } from './vm-memory.ts';

const host: StartHost = {
  onlineCpus: cpuSet([0, 1, 2, 3]),
  nodes: nodeSet([0, 1]),
  memoryNodes: nodeSet([0, 1]),
  hugepageSizesKiB: new Set([2048]),
  physicalAddressBits: 40,
};
const values = (entries: Record<string, string>) => new Map(Object.entries(entries));
const words = (entries: Record<string, string>) => encodeMemoryArguments(makeVmMemory(values(entries), host)).join(' ');

describe('encodeMemoryArguments()', () => {
  it.each<[Record<string, string>, string]>([
    [{}, '-m 512'],
    [{ memory: 'current=2048', numa0: 'cpus=0,memory=2048' }, '-m 2048'],
    [
      { memory: '1024', numa: '1', sockets: '2', cores: '2' },
      '-m 1024 -object memory-backend-ram,id=ram-node0,size=512M -numa node,nodeid=0,cpus=0-1,memdev=ram-node0' +
        ' -object memory-backend-ram,id=ram-node1,size=512M -numa node,nodeid=1,cpus=2-3,memdev=ram-node1',
    ],
    [
      { memory: '1024', numa: '1', numa2: 'cpus=0;2-3,memory=1024,hostnodes=0-1,policy=interleave' },
      '-m 1024 -object memory-backend-ram,id=ram-node2,size=1024M,host-nodes=0-1,policy=interleave' +
        ' -numa node,nodeid=2,cpus=0,cpus=2-3,memdev=ram-node2',
    ],
    [
      { memory: '1024', numa: '1', hugepages: '2' },
      '-m 1024 -object memory-backend-file,id=ram-node0,size=1024M,mem-path=/run/hugepages/kvm/2048kB,share=on,prealloc=yes' +
        ' -numa node,nodeid=0,cpus=0,memdev=ram-node0',
    ],
    [
      { memory: '1024', numa: '1', virtiofs0: 'dirid=a' },
      '-m 1024 -object memory-backend-memfd,id=virtiofs-mem0,size=1024M,share=on' +
        ' -numa node,nodeid=0,cpus=0,memdev=virtiofs-mem0',
    ],
    [
      { memory: 'current=1024', virtiofs0: 'dirid=a' },
      '-m 1024 -object memory-backend-memfd,id=virtiofs-mem,size=current=1024M,share=on',
    ],
    [
      { memory: '1536', numa: '1', hotplug: 'memory' },
      '-m size=1024,slots=255,maxmem=524288M -object memory-backend-ram,id=ram-node0,size=1024M' +
        ' -numa node,nodeid=0,cpus=0,memdev=ram-node0' +
        ' -object memory-backend-ram,id=mem-dimm0,size=512M -device pc-dimm,id=dimm0,memdev=mem-dimm0,node=0',
    ],
    [
      { memory: '1024', numa: '1', hotplug: 'memory' },
      '-m size=1024,slots=255,maxmem=524288M -object memory-backend-ram,id=ram-node0,size=1024M' +
        ' -numa node,nodeid=0,cpus=0,memdev=ram-node0',
    ],
    [{ virtiofs0: 'dirid=a' }, '-m 512 -object memory-backend-memfd,id=virtiofs-mem,size=M,share=on'],
    // Lines that add up to nothing count as none, beside themselves.
    [
      { numa: '1', numa0: 'cpus=0,memory=0.0' },
      '-m 512 -object memory-backend-ram,id=ram-node0,size=0.0M -numa node,nodeid=0,cpus=0,memdev=ram-node0' +
        ' -object memory-backend-ram,id=ram-node0,size=512M -numa node,nodeid=0,cpus=0,memdev=ram-node0',
    ],
  ])('of %j', (entries, expected) => {
    expect(words(entries)).toBe(expected);
  });
});

describe('encodeMachineFlags()', () => {
  it.each<[Record<string, string>, readonly string[]]>([
    [{}, []],
    [{ virtiofs3: 'dirid=a' }, ['memory-backend=virtiofs-mem']],
    [{ virtiofs0: 'dirid=a', numa: '1' }, []],
  ])('of %j: %j', (entries, flags) => {
    expect(encodeMachineFlags(makeVmMemory(values(entries), host))).toEqual(flags);
  });
});

describe('makeVmMemory()', () => {
  it.each<[Record<string, string>, string, readonly string[], string]>([
    [
      { hotplug: 'memory' },
      'memory-hotplug-without-numa',
      ['hotplug', 'numa'],
      'NUMA needs to be enabled for memory hotplug',
    ],
    [
      { hotplug: 'memory', numa: '1', memory: '524289' },
      'memory-hotplug-too-large',
      ['memory'],
      'bigger than 524288MB',
    ],
    [
      { hotplug: 'memory', numa: '1', memory: '1023' },
      'memory-hotplug-too-small',
      ['memory'],
      'minimum memory must be 1024MB',
    ],
    [
      { hotplug: 'memory', numa: '1', memory: '1100' },
      'memory-hotplug-unaligned',
      ['memory'],
      'memory size (1100) must be aligned to 512',
    ],
    [
      { hotplug: 'memory', numa: '1', memory: '16', numa0: 'cpus=0' },
      'memory-hotplug-with-numa-lines',
      ['numa0'],
      'custom NUMA topology',
    ],
    [
      { hotplug: 'memory', numa: '1', memory: '2048', virtiofs0: 'a' },
      'memory-hotplug-with-virtiofs',
      ['hotplug'],
      'virtio-fs',
    ],
    [{ hugepages: 'any' }, 'hugepages-without-numa', ['numa'], 'numa needs to be enabled to use hugepages'],
    [
      { hugepages: '2', numa: '1', numa0: 'cpus=0,memory=512' },
      'hugepages-without-host-nodes',
      ['numa0'],
      'numa hostnodes need',
    ],
    [{ hugepages: '2', numa: '1', sockets: '4' }, 'host-node-missing', ['hugepages'], "host NUMA node2 doesn't exist"],
    [
      { hugepages: '2', numa: '1', numa0: 'cpus=0,memory=511,hostnodes=9' },
      'hugepages-odd-size',
      ['hugepages'],
      "memory size '511'",
    ],
    [{ numa: '1', numa0: 'cpus=0' }, 'numa-memory-missing', ['numa0'], 'missing NUMA node0 memory value'],
    [{ numa: '1', numa3: 'cpus=0,memory=0' }, 'numa-memory-missing', ['numa3'], 'missing NUMA node3 memory value'],
    [{ numa: '1', numa0: 'cpus=0,memory=511' }, 'numa-memory-sum', ['numa0'], 'must be equal to vm static memory'],
    [
      { numa: '1', numa0: 'cpus=0,memory=512,hostnodes=1' },
      'numa-policy-missing',
      ['numa0'],
      'define a policy for hostnode 1',
    ],
    [
      { numa: '1', numa0: 'cpus=0,memory=512,hostnodes=0;1' },
      'numa-policy-missing',
      ['numa0'],
      'define a policy for hostnode 01',
    ],
    [
      { numa: '1', numa0: 'cpus=0,memory=9,hostnodes=2' },
      'host-node-missing',
      ['numa0'],
      "host NUMA node2 doesn't exist",
    ],
    [{ numa: '1', numa0: 'cpus=2-1,memory=512' }, 'numa-range-reversed', ['numa0'], 'invalid range: 2-1 (1 < 2)'],
    // The first line at fault speaks.
    [{ numa: '1', numa0: 'cpus=0,memory=1,hostnodes=5', numa1: 'cpus=1' }, 'host-node-missing', ['numa0'], 'node5'],
    [
      { hotplug: 'memory', numa: '1', memory: '32769', cpu: 'kvm64,phys-bits=36' },
      'memory-hotplug-too-large',
      ['memory'],
      'bigger than 32768MB',
    ],
  ])('refuses %j', (entries, code, keys, message) => {
    expect(() => makeVmMemory(values(entries), host)).toThrow(
      expect.objectContaining({
        problem: expect.objectContaining({ code, keys }),
        message: expect.stringContaining(message),
      }),
    );
  });

  it('takes all the memory that the address bits allow', () => {
    const atLimit = { hotplug: 'memory', numa: '1', memory: '32768', cpu: 'kvm64,phys-bits=36' };
    expect(makeVmMemory(values(atLimit), host)).toMatchObject({ size: '1024', largestMiB: 32_768 });
  });
});
