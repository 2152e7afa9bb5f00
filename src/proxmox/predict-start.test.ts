// Verdicts on whole configs; that QEMU really says so is checked by e2e/predict-start.test.ts.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cpuSet, nodeSet } from '#domain/id-set.ts';
import { predictStart } from './predict-start.ts';
import type { StartHost } from './start-host.ts';
import { VM_CONFIG_SCHEMA } from './vm-config-schema.ts';
import { parseVmConfig } from './vm-config-view.ts';

const host: StartHost = {
  onlineCpus: cpuSet(Array.from({ length: 512 }, (_, cpu) => cpu)),
  nodes: nodeSet([0, 1, 2, 3, 8, 10, 128]),
  memoryNodes: nodeSet([0, 1, 8, 128]),
  hugepageSizesKiB: new Set([2048, 1048576]),
  physicalAddressBits: 46,
};
const predict = (config: string) => predictStart(parseVmConfig(config, VM_CONFIG_SCHEMA).main.values, host);
const SOUND = 'cores: 4\nmemory: 1024\nnuma: 1\n';
const one = (line: string) => `${SOUND}numa0: ${line}`;
const two = (first: string, second: string) => `${SOUND}numa0: ${first},memory=512\nnuma1: ${second},memory=512`;

describe('predictStart()', () => {
  it.each([
    ['an empty config', ''],
    ['nodes per socket', 'sockets: 2\nmemory: 8193\nnuma: 1'],
    ['one node', one('cpus=0-3,memory=1024,hostnodes=0,policy=bind')],
    ['one range of host nodes', one('cpus=0-3,memory=1024,hostnodes=0-1,policy=interleave')],
    ['a range with some memory in it', one('cpus=0-3,memory=1024,hostnodes=1-3,policy=bind')],
    ['a vCPU twice in its node', one('cpus=0-3;1,memory=1024')],
    ['fractions that add up', one('cpus=0-1,memory=511.5\nnuma1: cpus=2-3,memory=512.5')],
    ['an affinity that is partly there', 'affinity: 0,9999'],
    ['256 vCPUs on q35', 'cores: 256\nmachine: q35'],
    ['as many vCPUs as the default machine takes', 'cores: 255'],
    ['vCPUs that are plugged in later', 'cores: 4\nvcpus: 2\nhotplug: cpu'],
    ['all vCPUs, with CPU hotplug', 'cores: 4\nvcpus: 4\nhotplug: cpu'],
    ['memory in DIMMs', 'memory: 2048\nnuma: 1\nhotplug: memory'],
    ['shared memory of whole pages', `${one('cpus=0-3,memory=1024')}\nvirtiofs0: dirid=a`],
    ['a template, whatever it says', 'template: 1\nnuma: 1\nnuma1: cpus=9,memory=1\naffinity: ,'],
  ])('lets %s start without a word', (_, config) => {
    expect(predict(config)).toMatchObject({ starts: true, problems: [] });
  });

  it.each<[string, string, readonly string[], string]>([
    [one('cpus=0-3'), 'numa-memory-missing', ['numa0'], 'proxmox'],
    ['cores: 513', 'vcpus-over-host', ['sockets', 'cores'], 'proxmox'],
    [
      `${one('cpus=0-3,memory=1024,hostnodes=10,policy=bind')}\nhugepages: 2`,
      'hugepages-host-node-not-single',
      ['numa0'],
      'proxmox',
    ],
    ['affinity: 0,1,', 'affinity-unreadable', ['affinity'], 'taskset'],
    ['affinity: 600-700', 'affinity-cpus-missing', ['affinity'], 'taskset'],
    ['cores: 4\nvcpus: 5', 'vcpus-over-maximum', ['vcpus'], 'qemu'],
    ['cores: 4\nvcpus: 4000000000\nhotplug: cpu', 'vcpus-over-maximum', ['vcpus'], 'qemu'],
    ['cores: 256', 'vcpus-over-machine', ['sockets', 'cores', 'machine'], 'qemu'],
    [one('cpus=0-3,memory=0.0'), 'backend-twice', ['memory', 'sockets'], 'qemu'],
    [one('cpus=0-3,memory=1.024e3'), 'backend-size-unreadable', ['numa0'], 'qemu'],
    ['memory: current=512\nvirtiofs0: dirid=a', 'backend-size-unreadable', ['memory'], 'qemu'],
    [`${one('cpus=0-1,memory=0.0')}\nnuma1: cpus=2-3,memory=1024`, 'backend-size-zero', ['numa0'], 'qemu'],
    [
      `${one('cpus=0-1,memory=511.9')}\nnuma1: cpus=2-3,memory=512.1\nvirtiofs0: dirid=a`,
      'backend-size-unaligned',
      ['numa0'],
      'qemu',
    ],
    [one('cpus=0-3,memory=1024,hostnodes=1;2,policy=bind'), 'host-nodes-unreadable', ['numa0'], 'qemu'],
    [one('cpus=0-3,memory=1024,hostnodes=0;8,policy=bind'), 'host-nodes-unreadable', ['numa0'], 'qemu'],
    [one('cpus=0-3,memory=1024,hostnodes=2,policy=preferred'), 'host-nodes-not-bindable', ['numa0'], 'qemu'],
    [one('cpus=0-3,memory=1024,hostnodes=0;2,policy=bind'), 'host-nodes-not-bindable', ['numa0'], 'qemu'],
    [one('cpus=0-3,memory=1024,hostnodes=128,policy=bind'), 'host-nodes-not-bindable', ['numa0'], 'qemu'],
    [one('cpus=0-3;08,memory=1024'), 'numa-vcpus-unreadable', ['numa0'], 'qemu'],
    [one('cpus=0-4,memory=1024'), 'numa-vcpu-over-maximum', ['numa0'], 'qemu'],
    [two('cpus=0-2', 'cpus=2-3'), 'numa-vcpu-twice', ['numa1'], 'qemu'],
    [`${SOUND}numa1: cpus=0-3,memory=1024`, 'numa-node-gap', ['numa1'], 'qemu'],
    [`${SOUND}numa0: cpus=0-1,memory=512\nnuma2: cpus=2-3,memory=512`, 'numa-node-gap', ['numa0', 'numa2'], 'qemu'],
    [one('cpus=0-3,memory=1024,hostnodes=5,policy=bind'), 'host-node-missing', ['numa0'], 'proxmox'],
    [one('cpus=3-0,memory=1024'), 'numa-range-reversed', ['numa0'], 'proxmox'],
    ['sockets: 3\nmemory: 8192\nnuma: 1', 'numa-total-differs', ['memory', 'sockets'], 'qemu'],
  ])('stops %j with %s', (config, code, keys, by) => {
    const { starts, problems } = predict(config);
    expect({ starts, problems }).toMatchObject({ starts: false, problems: [{ code, keys, by, severity: 'error' }] });
    expect(problems[0]?.says).toMatch(/\w/);
  });

  it.each([
    ['cores: 2\nvcpus: 3', '== maxcpus (2) < smp_cpus (3)'],
    ['sockets: 2\nvcpus: 3\nhotplug: cpu', 'Invalid CPU socket-id: 2 must be in range 0:1'],
    [
      'sockets: 3\nmemory: 8192\nnuma: 1',
      'total memory for NUMA nodes (0x200000001) should equal RAM size (0x200000000)',
    ],
    [
      `${one('cpus=0-1,memory=511.9')}\nnuma1: cpus=2-3,memory=512.1\nvirtiofs0: dirid=a`,
      "backing store size 0x1ffe6666 does not match 'size' option 0x1ffe7000",
    ],
  ])('stops %j in the words of QEMU, its command made', (config, says) => {
    const { problems, command } = predict(config);
    expect(problems).toMatchObject([{ says }]);
    expect(command?.words[0]).toBe('-smp');
  });

  it.each<[string, string, readonly string[], string | null]>([
    [
      one('cpus=1-2,memory=1024'),
      'numa-vcpus-uncovered',
      ['numa0'],
      'CPU(s) not present in any NUMA nodes: CPU 0 [socket-id: 0, core-id: 0, thread-id: 0], CPU 3 [socket-id: 0, core-id: 3, thread-id: 0]',
    ],
    [
      one('cpus=0-1;3,memory=1024'),
      'numa-vcpus-uncovered',
      ['numa0'],
      'CPU(s) not present in any NUMA nodes: CPU 2 [socket-id: 0, core-id: 2, thread-id: 0]',
    ],
    ['affinity: 0', 'affinity-ignored', ['affinity'], null],
    ['memory: 1024\nnuma2: cpus=0,memory=1024', 'numa-lines-ignored', ['numa2'], null],
    [one('cpus=0-3,memory=1024,policy=bind'), 'numa-policy-ignored', ['numa0'], null],
    [one('cpus=0-3,memory=1024,hostnodes=0;1,policy=bind'), 'host-nodes-garbled', ['numa0'], null],
    [one('cpus=0-3,memory=1024,hostnodes=0;10,policy=bind'), 'host-nodes-garbled', ['numa0'], null],
    ['memory: 1024\nnuma: 1\nhugepages: 2', 'hugepages-unbound', ['hugepages'], null],
  ])('lets %j start, with %s', (config, code, keys, says) => {
    const by = says === null ? 'nobody' : 'qemu';
    expect(predict(config)).toMatchObject({ starts: true, problems: [{ code, keys, says, by, severity: 'warning' }] });
    expect(predict(config).problems).toHaveLength(1);
  });

  it('takes the octal numbers of QEMU for vCPUs as well', () => {
    const config = 'cores: 9\nmemory: 1024\nnuma: 1\nnuma0: cpus=0-7;010,memory=1024';
    expect(predict(config).problems).toEqual([]);
  });

  it('says what Proxmox will call and how many hugepages it will take', () => {
    const { problems, command, hugepages } = predict(
      `${one('cpus=0-3,memory=1024,hostnodes=1,policy=bind')}\nhugepages: any`,
    );
    expect(problems).toEqual([]);
    expect(command?.words.join(' ')).toBe(
      '-smp 4,sockets=1,cores=4,maxcpus=4 -m 1024 -object memory-backend-file,id=ram-node0,size=1024M,' +
        'mem-path=/run/hugepages/kvm/1048576kB,share=on,prealloc=yes,host-nodes=1,policy=bind' +
        ' -numa node,nodeid=0,cpus=0-3,memdev=ram-node0',
    );
    expect(hugepages).toEqual(new Map([['1024', new Map([[1, 1]])]]));
  });

  it('has no command when Proxmox refuses', () => {
    expect(predict('cores: 513')).toMatchObject({ command: null, hugepages: null });
  });

  it('never throws, and stops with one error or starts with warnings only', () => {
    const list = fc.stringMatching(/^\d{1,3}(-\d{1,3})?(;\d{1,3})?$/);
    const memory = fc.stringMatching(/^[+-]?\d{0,4}\.?\d{0,3}(e\d)?$/);
    const line = fc
      .record({ list, memory, hostNodes: list, policy: fc.constantFrom('', ',policy=bind', ',policy=preferred') })
      .map(drawn => `cpus=${drawn.list},memory=${drawn.memory},hostnodes=${drawn.hostNodes}${drawn.policy}`);
    const config = fc.record(
      {
        cores: fc.stringMatching(/^\d{1,3}$/),
        sockets: fc.stringMatching(/^\d$/),
        vcpus: fc.stringMatching(/^\d{1,2}$/),
        memory: fc.stringMatching(/^(current=)?[+]?\d{1,4}$/),
        numa: fc.constantFrom('0', '1'),
        hugepages: fc.constantFrom('any', '2', '1024', '1G', 'x'),
        hotplug: fc.constantFrom('1', '0', 'cpu', 'memory', 'cpu,memory'),
        affinity: list,
        numa0: line,
        numa1: line,
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(config, drawn => {
        const text = Object.entries(drawn).map(([key, value]) => `${key}: ${value}\n`);
        const { starts, problems } = predict(text.join(''));
        const errors = problems.filter(({ severity }) => severity === 'error');
        expect(starts ? errors : problems).toHaveLength(starts ? 0 : 1);
        expect(errors).toHaveLength(starts ? 0 : 1);
      }),
      { numRuns: 500 },
    );
  });
});
