// VM configs → guests.
import { describe, expect, it } from 'vitest';
import { nodeSet } from '#domain/id-set.ts';
import { vmId } from '#domain/ids.ts';
import { parseVmGuest } from './parse-vm-guest.ts';

const parse = (text: string) =>
  parseVmGuest({
    vmid: vmId(100),
    configPath: '/etc/pve/nodes/alpha/qemu-server/100.conf',
    digest: 'd'.repeat(40),
    text,
  });

describe('parseVmGuest()', () => {
  it("gives an empty config Proxmox's defaults", () => {
    const { guest, warnings } = parse('');
    expect(warnings).toEqual([]);
    expect(guest).toEqual({
      kind: 'vm',
      vmid: 100,
      name: null,
      tags: [],
      configPath: '/etc/pve/nodes/alpha/qemu-server/100.conf',
      digest: 'd'.repeat(40),
      text: '',
      raw: new Map(),
      pending: new Map(),
      identity: { uuid: null, vmgenid: null, createdAt: null },
      memoryMiB: 512,
      lock: null,
      template: false,
      sockets: 1,
      cores: 1,
      vcpus: 1,
      pluggedVcpus: 1,
      affinity: null,
      numa: false,
      numaNodes: [],
      boundNodes: nodeSet(),
      hugepages: null,
      memoryHotplug: false,
      passthrough: false,
    });
  });

  it('reads a whole guest', () => {
    const { guest, warnings } = parse(
      'name: db01\ntags: dedicated;prod\nsockets: 2\ncores: 4\nvcpus: 6\nmemory: current=16384\naffinity: 8-15\nnuma: 1\n' +
        'numa0: cpus=0-3,memory=8192,hostnodes=0,policy=bind\nnuma1: cpus=4-7,memory=8192,hostnodes=1,policy=bind\nhugepages: 1024\n' +
        'hotplug: disk,memory\nhostpci0: 0000:01:00.0\nlock: backup\ntemplate: 1\n' +
        'smbios1: manufacturer=eA==,uuid=b3247ab1-1fe6-428e-965b-08a1b64a8746\nvmgenid: 7079e97c-50e3-4079-afe7-23e67566b946\n' +
        'meta: creation-qemu=9.0.2,ctime=1725975013\n',
    );
    expect(warnings).toEqual([]);
    expect(guest).toMatchObject({
      name: 'db01',
      tags: ['dedicated', 'prod'],
      sockets: 2,
      cores: 4,
      vcpus: 8,
      pluggedVcpus: 6,
      memoryMiB: 16384,
      numa: true,
      boundNodes: nodeSet([0, 1]),
      numaNodes: [
        { index: 0, hostNodes: [0] },
        { index: 1, hostNodes: [1], vcpus: [4, 5, 6, 7] },
      ],
      hugepages: '1024',
      memoryHotplug: true,
      passthrough: true,
      lock: 'backup',
      template: true,
      identity: {
        uuid: 'b3247ab1-1fe6-428e-965b-08a1b64a8746',
        vmgenid: '7079e97c-50e3-4079-afe7-23e67566b946',
        createdAt: '1725975013',
      },
    });
    expect(guest.affinity?.ids).toEqual([8, 9, 10, 11, 12, 13, 14, 15]);
    expect([guest.raw.get('numa'), guest.raw.get('hugepages'), guest.raw.get('nothing')]).toEqual([
      '1',
      '1024',
      undefined,
    ]);
  });

  it.each([
    ['nothing without numa', 'numa0: cpus=0,hostnodes=0,policy=bind\n', []],
    ['every node of a range', 'numa: 1\nnuma0: cpus=0,hostnodes=1-2,policy=bind\n', [1, 2]],
    ['the second node of a list that Proxmox garbles', 'numa: 1\nnuma0: cpus=0,hostnodes=0;1,policy=bind\n', [1]],
    ['nothing of a list that QEMU refuses', 'numa: 1\nnuma0: cpus=0,hostnodes=1;2,policy=bind\n', []],
    ['nothing of a reversed range', 'numa: 1\nnuma0: cpus=0,hostnodes=2-1,policy=bind\n', []],
    ['nothing without host nodes', 'numa: 1\nnuma0: cpus=0\n', []],
  ])('binds memory to %s', (_, text, nodes) => {
    expect(parse(text).guest.boundNodes).toEqual(nodeSet(nodes));
  });

  it('reads NUMA nodes also where `numa` is off', () => {
    expect(parse('numa0: cpus=0\n').guest).toMatchObject({ numa: false, numaNodes: [{ index: 0 }] });
  });

  it('keeps pending changes and deletions apart from what is in force', () => {
    const { guest } = parse('affinity: 0-3\nnuma: 1\n[PENDING]\naffinity: 4-7\nballoon: 0\ndelete: !numa,tags\n');
    expect(guest.affinity?.ids).toEqual([0, 1, 2, 3]);
    expect(guest.pending).toEqual(
      new Map([
        ['numa', null],
        ['tags', null],
        ['affinity', '4-7'],
        ['balloon', '0'],
      ]),
    );
  });

  it.each([
    ['[PENDING]\ndelete: !numa affinity;!tags\n', ['numa', 'affinity', 'tags']],
    ['[PENDING]\ndelete: numa!\n', ['numa!']],
    ['[PENDING]\ncores: 1\n', []],
    ['cores: 1\n', []],
  ])('reads deletions of %j', (text, keys) => {
    const deleted = [...parse(text).guest.pending].filter(([, value]) => value === null);
    expect(deleted.map(([key]) => key)).toEqual(keys);
  });

  it('takes nothing from snapshots', () => {
    expect(parse('cores: 2\n[snap1]\ncores: 8\naffinity: 1\n').guest).toMatchObject({ cores: 2, affinity: null });
  });

  it.each([
    ['smp: 4', { sockets: 4, vcpus: 4 }],
    ['smp: 4\nsockets: 2', { sockets: 2 }],
    ['sockets: 0\ncores: 0\nvcpus: 0', { sockets: 1, cores: 1, pluggedVcpus: 1 }],
    ['cores: 2\nvcpus: 9', { pluggedVcpus: 2 }],
    ['sockets: 2\ncores: 4\nvcpus: 3', { vcpus: 8, pluggedVcpus: 3 }],
    ['vmgenid: 1', { identity: { uuid: null, vmgenid: null, createdAt: null } }],
    ['smbios1: xuuid=a,uuid=\nmeta: xctime=1', { identity: { uuid: null, vmgenid: null, createdAt: null } }],
    ['hotplug: memory', { memoryHotplug: true }],
    ['hostpci15: 01:00', { passthrough: true }],
    ['net0: virtio', { passthrough: false }],
    ['template: 0\nnuma: 0', { template: false, numa: false }],
    ['memory: 2048', { memoryMiB: 2048 }],
    ['numa7: cpus=0', { numaNodes: [{ index: 7 }] }],
    ['vmgenid: 0', { identity: { uuid: null, vmgenid: null, createdAt: null } }],
    ['hotplug: 0', { memoryHotplug: false }],
    ['tags: a, b', { tags: ['a', 'b'] }],
  ])('reads %j as Proxmox does', (text, expected) => {
    expect(parse(text).guest).toMatchObject(expected);
  });

  it.each([
    [
      'cores: 4\nmemory: 8g\n',
      "line 2: unable to parse value of 'memory' - format error current: type check ('integer') failed - got '8g'",
    ],
    ['affinity: 0\n', 'line 1: affinity: Proxmox ignores the value "0" and starts the VM unpinned; write 0-0'],
    [
      'affinity: 0,1,\n',
      'line 1: affinity: the VM cannot start with "0,1,": taskset reads neither spaces nor a trailing comma',
    ],
    ['affinity0: 0\n', "line 1: unable to parse value of 'affinity0' - unknown setting 'affinity0'"],
    [
      'numa0: cpus=0,hostnodes=0;1,policy=bind\n',
      'line 1: numa0: Proxmox passes "cpus=0,hostnodes=0;1,policy=bind" on wrongly: host nodes must be one id or one range',
    ],
    [
      '\nnuma1: cpus=3-1\n',
      'line 2: numa1: the VM cannot start: Cannot parse vCPU list "3-1": range start 3 is after end 1',
    ],
    ['[special:x]\ncores: 4\n', "line 1: skipping unknown section: 'special:x'"],
    ['\x1b[31m\0\xff\n', 'line 1: unable to parse config: ?[31m??'],
  ])('warns about %j', (text, warning) => {
    expect(parse(text).warnings).toEqual([warning]);
    expect(parse(text).guest).toMatchObject({ affinity: null, memoryMiB: 512 });
  });

  it('cuts a warning about garbage short', () => {
    expect(parse('x'.repeat(100_000)).warnings[0]?.length).toBeLessThan(250);
  });
});
