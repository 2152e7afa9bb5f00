// Starts hundreds of generated VM configs with a real QEMU and compares what it says with what we predict.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseCpuList, parseNodeList } from '#domain/id-list.ts';
import { cpuSet, nodeSet } from '#domain/id-set.ts';
import { predictStart, type StartPrediction } from '#proxmox/predict-start.ts';
import type { StartHost } from '#proxmox/start-host.ts';
import type { StartProblemCode } from '#proxmox/start-problem.ts';
import { VM_CONFIG_SCHEMA } from '#proxmox/vm-config-schema.ts';
import { parseVmConfig } from '#proxmox/vm-config-view.ts';

const SEED = 20_260_101;
const GENERATED = 400;
const AT_ONCE = 2;

const SYSFS = '/sys/devices/system';

/**
 * This machine's CPUs and memory, which decide what the kernel lets taskset and QEMU do, and beside them CPUs and nodes that only
 * Proxmox is told of: they let it pass on what a larger machine would.
 */
function readHost(): StartHost {
  const read = (path: string) => readFileSync(join(SYSFS, path), 'utf8');
  const online = parseCpuList(read('cpu/online'));
  const withMemory = existsSync(join(SYSFS, 'node/has_memory')) ? read('node/has_memory') : '0';
  return {
    onlineCpus: online.union(cpuSet(Array.from({ length: 300 }, (_, index) => 10_000 + index))),
    nodes: nodeSet([0, 1, 2, 3, 8, 9, 10, 128, 129]),
    memoryNodes: parseNodeList(withMemory),
    hugepageSizesKiB: new Set([2048]),
    physicalAddressBits: 40,
  };
}

/** One way to write a guest NUMA node's list of host nodes and its policy. */
const binding = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom('', ',hostnodes=0,policy=bind', ',hostnodes=0,policy=preferred') },
  {
    weight: 2,
    arbitrary: fc.constantFrom(',hostnodes=0-1,policy=interleave', ',policy=bind', ',hostnodes=0-3,policy=bind'),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom(
          '0;1',
          '0;0',
          '0;2-3',
          '0;8',
          '0;9',
          '0;10',
          '1;2',
          '0-1;3',
          '0;2;3',
          '0;8;9',
          '2',
          '8-9',
          '128',
          '1;0',
        ),
        fc.constantFrom('bind', 'preferred', 'interleave'),
      )
      .map(([nodes, policy]) => `,hostnodes=${nodes},policy=${policy}`),
  },
);

/** MiB → the same amount, written in one of many ways; QEMU does not read them all. */
const amountText = fc.oneof(
  { weight: 24, arbitrary: fc.constant((amount: number) => `${amount}`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<(amount: number) => string>(
      amount => `0${amount}`,
      amount => `+${amount}`,
      amount => `${amount}.`,
      amount => `${amount}.0`,
      amount => `${amount / 10}e1`,
    ),
  },
);

/** A vCPU list, possibly one that names a vCPU too many, twice, or in octal. */
const vcpuListText = fc.oneof(
  { weight: 30, arbitrary: fc.constant((list: readonly number[]) => list.join(';')) },
  {
    weight: 10,
    arbitrary: fc.constant((list: readonly number[]) => `${list[0]}-${Math.max(list[0] ?? 0, list.at(-1) ?? 0)}`),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<(list: readonly number[]) => string>(
      list => list.map(vcpu => `0${vcpu}`).join(';'),
      list => [...list, list[0]].join(';'),
      list => [...list, 9].join(';'),
      list => [...list, 0].join(';'),
      list => `${list.join(';')};010`,
      list => `${list.join(';')};08`,
      list => `${list.join(';')};70000`,
      list => `0-70000;${list.join(';')}`,
    ),
  },
);

const smallNumber = (max: number) => fc.integer({ min: 1, max });
/** True in one of so many configs. */
const rarely = (of: number) => fc.nat({ max: of - 1 }).map(drawn => drawn === 0);

const options = fc.record({
  sockets: smallNumber(3),
  cores: smallNumber(4),
  /** Added to `sockets` × `cores`. */
  vcpus: fc.constantFrom(0, 0, 0, 0, -1, -1, -2, 1),
  cpuHotplug: rarely(6),
  memory: fc.constantFrom(64, 96, 128, 65, 100),
  memoryForm: fc.constantFrom('', '', '', 'current='),
  numa: rarely(12).map(off => !off),
  virtiofs: rarely(12),
  affinity: fc.constantFrom(...Array<string>(16).fill(''), '0', '0-0', '0,9999', '0,', '9999', ' 0'),
});

const topology = fc.record({
  parts: fc.nat({ max: 4 }),
  /** Numbers of the nodes. */
  indexes: fc.constantFrom('0123', '0123', '0123', '0123', '0123', '0123', '1234', '0234', '0135', '3210'),
  interleaved: fc.boolean(),
  dropped: rarely(5),
  /** Moved from the first node to the last. */
  shift: fc.constantFrom(0, 0, 0, 0, 0, 0, 0.5, 0.001, 0.1, 1 / 3),
  nodes: fc.array(fc.record({ binding, amountText, vcpuListText }), { minLength: 4, maxLength: 4 }),
});

type Options = typeof options extends fc.Arbitrary<infer Value> ? Value : never;
type Topology = typeof topology extends fc.Arbitrary<infer Value> ? Value : never;

/** A config as an operator could write it: mostly sound, with what people get wrong. */
function renderConfig([asked, layout]: [Options, Topology]): string {
  const { sockets, cores, vcpus, cpuHotplug, memory, memoryForm, numa, virtiofs, affinity } = asked;
  const plugged = sockets * cores + vcpus;
  return [
    `cores: ${cores}`,
    `memory: ${memoryForm}${memory}`,
    `sockets: ${sockets}`,
    ...(vcpus === 0 || plugged < 1 ? [] : [`vcpus: ${plugged}`]),
    ...(cpuHotplug ? ['hotplug: disk,cpu'] : []),
    ...(numa ? ['numa: 1'] : []),
    ...(virtiofs ? ['virtiofs0: dirid=shared'] : []),
    ...(affinity === '' ? [] : [`affinity: ${affinity}`]),
    ...renderNumaLines(asked, layout),
    '',
  ].join('\n');
}

function renderNumaLines({ sockets, cores, memory }: Options, layout: Topology): readonly string[] {
  const { indexes, interleaved, dropped, shift, nodes } = layout;
  const count = sockets * cores;
  const parts = Math.min(layout.parts, count);
  const share = Math.floor(memory / parts);
  return nodes.slice(0, parts).map(({ binding: bound, amountText: amount, vcpuListText: list }, part) => {
    const vcpus = Array.from({ length: count }, (_, vcpu) => vcpu).filter(vcpu =>
      interleaved ? vcpu % parts === part : Math.floor((vcpu * parts) / count) === part,
    );
    const isLast = part === parts - 1;
    const moved = parts === 1 ? 0 : (part === 0 ? -shift : 0) + (isLast ? shift : 0);
    const size = (isLast ? memory - share * (parts - 1) : share) + moved;
    const kept = dropped && isLast && vcpus.length > 1 ? vcpus.slice(0, -1) : vcpus;
    return `numa${indexes[part]}: cpus=${list(kept)},memory=${amount(size)}${bound}`;
  });
}

/** What chance would hardly find. */
const RARE_CONFIGS: readonly string[] = [
  'memory: 128',
  'cores: 255\nmemory: 64',
  'cores: 256\nmemory: 64',
  'cores: 2\nsockets: 2\nhotplug: memory,cpu\nmemory: 2048\nnuma: 1',
  'cores: 1\nsockets: 3\nhotplug: memory\nmemory: 2048\nnuma: 1',
  'smp: 2\nhotplug: memory\nmemory: 1536\nnuma: 1',
  'hotplug: memory\nmemory: 26624\nnuma: 1',
  'cores: 2\nmemory: 64\nnuma: 1\nnuma0: cpus=0-1,memory=0.0',
  'cores: 2\nmemory: 64\nnuma: 1\nnuma0: cpus=0,memory=0.0\nnuma1: cpus=1,memory=64',
  'cores: 2\nmemory: 64\nnuma: 1\nnuma0: cpus=0,memory=-1\nnuma1: cpus=1,memory=65',
  'cores: 2\nmemory: 64\nnuma: 1\nnuma0: cpus=0,memory=.5\nnuma1: cpus=1,memory=63.5',
  'cores: 2\nmemory: 64\nnuma: 1\nnuma0: cpus=0,memory=32,hostnodes=129,policy=bind\nnuma1: cpus=1,memory=32',
  'cores: 9\nmemory: 64\nnuma: 1\nnuma0: cpus=010,memory=64',
  'memory: current=64\nvirtiofs0: dirid=shared',
  'virtiofs0: dirid=shared',
  'memory: 64\nvirtiofs0: dirid=shared',
  'memory: 8192\ntemplate: 1\nsockets: 3\nnuma: 1',
  'cores: 2\nmemory: 64\nnuma: 1\nnuma7: cpus=0-1,memory=64',
  'cores: 2\nmemory: 64\nnuma: 1\nnuma2: cpus=0,memory=32\nnuma5: cpus=1,memory=32',
];

interface Run {
  readonly config: string;
  readonly prediction: StartPrediction;
  readonly started: boolean;
  readonly stderr: string;
}

const PREFIX = /^(qemu-system-x86_64: )?(warning: )?/;
/** QEMU's second line about vCPUs that are in no node: the same for all of them. */
const PARTIAL_MAPPING = /^All CPU\(s\) up to maxcpus should be described in NUMA config/;

describe('predictStart()', () => {
  const runs: Run[] = [];
  const predicted: StartPrediction[] = [];

  beforeAll(async () => {
    const host = readHost();
    const generated = fc.sample(fc.tuple(options, topology), { seed: SEED, numRuns: GENERATED }).map(renderConfig);
    const waiting = [...RARE_CONFIGS, ...generated].map(config => {
      const { values } = parseVmConfig(config, VM_CONFIG_SCHEMA).main;
      return { config, values, prediction: predictStart(values, host) };
    });
    predicted.push(...waiting.map(({ prediction }) => prediction));
    const worker = async () => {
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        const { config, values, prediction } = next;
        if (prediction.command === null) continue;
        runs.push({ config, prediction, ...(await startAndQuit(encodeCommand(prediction, values))) });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  });

  it('says of each config whether QEMU will start it', () => {
    const wrong = runs.filter(({ started, prediction }) => started !== prediction.starts);
    expect(wrong.map(describeRun)).toEqual([]);
  });

  it('says with which error QEMU or taskset will stop', () => {
    const wrong = runs.filter(
      ({ started, stderr, prediction }) => !started && !stderr.includes(prediction.problems[0]?.says ?? 'no error'),
    );
    expect(wrong.map(describeRun)).toEqual([]);
  });

  it('says what QEMU will warn of', () => {
    const wrong = runs.filter(({ started, stderr, prediction }) => {
      const printed = stderr.split('\n').map(line => line.replace(PREFIX, ''));
      const warnings = printed.filter(line => line !== '' && !PARTIAL_MAPPING.test(line));
      const expected = prediction.problems.filter(({ by }) => by === 'qemu').map(({ says }) => says);
      return started && JSON.stringify(warnings) !== JSON.stringify(expected);
    });
    expect(wrong.map(describeRun)).toEqual([]);
  });

  it('was asked about hundreds of configs, good and bad, and about each problem that this machine can show', () => {
    expect(runs.length).toBeGreaterThan(300);
    expect(runs.filter(({ started }) => started).length).toBeGreaterThan(100);
    expect(runs.filter(({ started }) => !started).length).toBeGreaterThan(100);
    const met = new Set(predicted.flatMap(({ problems }) => problems.map(({ code }) => code)));
    expect(MUST_MEET.filter(code => !met.has(code))).toEqual([]);
  });
});

const MUST_MEET: readonly StartProblemCode[] = [
  'affinity-unreadable',
  'affinity-cpus-missing',
  'vcpus-over-maximum',
  'vcpus-over-machine',
  'backend-twice',
  'backend-size-unreadable',
  'backend-size-zero',
  'backend-size-unaligned',
  'host-nodes-unreadable',
  'host-nodes-not-bindable',
  'numa-vcpus-unreadable',
  'numa-vcpu-over-maximum',
  'numa-vcpu-twice',
  'numa-node-gap',
  'numa-total-differs',
  'numa-vcpus-uncovered',
  'affinity-ignored',
  'numa-lines-ignored',
  'numa-policy-ignored',
];

/** As Proxmox would call it, for the parts in question; a machine without devices, and vCPUs that do not run. */
function encodeCommand({ command, problems }: StartPrediction, values: ReadonlyMap<string, string>): readonly string[] {
  const affinity = values.get('affinity');
  const ignored = problems.some(({ code }) => code === 'affinity-ignored');
  const machine = ['accel=tcg', ...(values.has('machine') ? [`type=${values.get('machine')}`] : [])];
  return [
    ...(affinity === undefined || ignored ? [] : ['taskset', '--cpu-list', '--all-tasks', affinity]),
    ...['qemu-system-x86_64', '-S', '-display', 'none', '-nodefaults', '-qmp', 'stdio', '-cpu', 'kvm64'],
    ...(command?.words ?? []),
    ...['-machine', [...machine, ...(command?.machineFlags ?? [])].join(',')],
  ];
}

const QUIT = '{"execute":"qmp_capabilities"}\n{"execute":"quit"}\n';

/** QEMU answers only when the machine is complete; then it is told to go. */
function startAndQuit([program = '', ...words]: readonly string[]): Promise<Pick<Run, 'started' | 'stderr'>> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { stdio: ['pipe', 'ignore', 'pipe'], timeout: 30_000 });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', chunk => {
      stderr += chunk;
    });
    child.stdin.on('error', () => {
      // It has already gone; its exit code and words say why.
    });
    child.stdin.end(QUIT);
    child.on('error', reject);
    child.on('close', code => resolve({ started: code === 0, stderr }));
  });
}

function describeRun({ config, prediction, stderr }: Run): unknown {
  return { config, problems: prediction.problems.map(({ code, says }) => `${code}: ${says}`), stderr };
}
