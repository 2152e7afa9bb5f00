// What a guest would meet on another node: each finding with a config that gives it, and one near to it that does not.
import { describe, expect, it } from 'vitest';
import type { Guest } from '#domain/guest.ts';
import { cpuSet } from '#domain/id-set.ts';
import type { MoveCode, MoveFinding } from '#domain/move.ts';
import type { NodeFacts } from '#domain/node-facts.ts';
import { makeContainer, makeInventory, makeVm, makeVmRuntime } from '#fixtures/make-inventory.ts';
import { type Shape, shapes } from '#fixtures/shapes.ts';
import { checkMove, type MoveInput, unjudged } from './check-move.ts';

const { article, tiny, hybrid } = shapes;

const facts = (shape: Shape, more: Partial<NodeFacts> = {}): NodeFacts => ({
  node: 'pve2',
  topology: makeInventory(shape, []).topology,
  hugepageSizesKiB: new Set([2048, 1_048_576]),
  pciDevices: new Map([['0000:01:00.0', '10de:2204']]),
  snippets: new Set(['local:snippets/pin.sh']),
  ...more,
});

/** Both nodes alike unless said otherwise. */
const move = (guest: Guest, more: Partial<MoveInput> & { readonly to?: Shape } = {}): readonly MoveFinding[] => {
  const { to = article, ...input } = more;
  const local = { id: 'local', nodes: null, shared: false, content: ['snippets'], snippets: '/var/lib/vz/snippets' };
  return checkMove({
    ...{ guest, here: facts(article, { node: 'pve1' }), there: facts(to) },
    ...{ storages: [local], mappings: new Map(), ha: null },
    ...input,
  });
};

const codes = (findings: readonly MoveFinding[]) => findings.map(({ code }) => code);

const find = <Code extends MoveCode>(code: Code, findings: readonly MoveFinding[]): MoveFinding<Code> => {
  const found = findings.find(finding => finding.code === code);
  if (found === undefined) throw new Error(`no ${code} in ${codes(findings).join(', ')}`);
  return found as unknown as MoveFinding<Code>;
};

const vm = (values: Readonly<Record<string, string>>, more: Parameters<typeof makeVm>[2] = {}) =>
  makeVm(100, 4, { raw: new Map(Object.entries(values)), ...more });

const bound = (node: number, policy = 'preferred') => ({
  numa: '1',
  numa0: `cpus=0-3,memory=2048,hostnodes=${node},policy=${policy}`,
});

/** The same machine, but sibling threads in a row and four cores in each cache. */
const renumbered: Shape = {
  ...article,
  numbering: 'siblings-adjacent',
  llcs: [0, 0, 1, 1].map(node => ({ package: node, node, sizeKiB: 20_480, cores: [{ count: 4, threads: 2 }] })),
};

describe('checkMove() has nothing against', () => {
  it.each<[string, Guest, Shape?]>([
    ['a guest without pins on any node', vm({}), tiny],
    ['pins on a node alike', vm({ affinity: '1-4', ...bound(0, 'bind'), hookscript: 'local:snippets/pin.sh' })],
    ['an affinity that Proxmox ignores', vm({ affinity: '0' }), tiny],
    ['numa lines that Proxmox ignores', vm({ numa0: 'cpus=0-3,memory=2048,hostnodes=7,policy=bind' })],
    ['a device that is there too', vm({ hostpci0: '01:00,pcie=1' })],
    ['a container on a node alike', makeContainer(200, 2, { cpuset: cpuSet([8, 9]) })],
    ['more than its node has by preference only', vm({ ...bound(0), affinity: '0-3' })],
  ])('%s', (_, guest, to = article) => {
    const small = to === tiny ? { ...guest, ...(guest.kind === 'vm' ? { vcpus: 2, cores: 2 } : {}) } : guest;
    const text = to === tiny ? guest.text.replace('cores: 4', 'cores: 2') : guest.text;
    expect(move({ ...small, text } as Guest, { to })).toEqual([]);
  });
});

describe('checkMove() finds', () => {
  it('more vCPUs than CPUs', () => {
    expect(move(vm({}), { to: tiny })).toMatchObject([
      { code: 'vcpus-over-cpus', effect: 'stops', at: 'arrival', vcpus: 4, cpus: 2 },
    ]);
  });

  it('an affinity of which no CPU is there', () => {
    const found = find('affinity-absent', move(vm({ affinity: '8-11', cores: '2' }), { to: tiny }));
    expect(found).toMatchObject({ effect: 'stops', affinity: cpuSet([8, 9, 10, 11]) });
  });

  it('an affinity of which some CPUs are there: a narrower mask, and nobody says so', () => {
    const found = find('affinity-narrower', move(vm({ affinity: '1-4' }), { to: tiny }));
    expect(found).toMatchObject({ effect: 'unnoticed', left: cpuSet([1]), absent: cpuSet([2, 3, 4]) });
  });

  it('the same numbers on other cores, and says what each is here and there', () => {
    const found = find('pins-elsewhere', move(vm({ affinity: '1,8-9' }), { to: renumbered }));
    expect(found.effect).toBe('unnoticed');
    expect(found.cpus.map(({ cpu }) => cpu)).toEqual([1, 8, 9]);
    expect(found.cpus[0]).toMatchObject({
      here: { node: 0, siblings: cpuSet([17]) },
      there: { node: 0, siblings: cpuSet([0]), llc: cpuSet([0, 1, 2, 3, 4, 5, 6, 7]) },
    });
    expect(found.cpus[1]).toMatchObject({ here: { node: 1 }, there: { node: 0 } });
  });

  it('a cache that is shared with other CPUs of the affinity than before', () => {
    const split: Shape = {
      ...article,
      llcs: [0, 0, 1, 1].map(node => ({ package: node, node, sizeKiB: 20_480, cores: [{ count: 4, threads: 2 }] })),
    };
    expect(codes(move(vm({ affinity: '2-5' }), { to: split }))).toEqual(['pins-elsewhere']);
    expect(codes(move(vm({ affinity: '0-3' }), { to: split }))).toEqual([]);
  });

  it('cores of another kind', () => {
    const found = find('pins-elsewhere', move(vm({ affinity: '20-23' }), { to: hybrid }));
    expect(found.cpus[0]?.there.kind).toBe('efficiency');
  });

  it('host nodes that are not there', () => {
    const found = find('host-nodes-absent', move(vm(bound(1)), { to: hybrid }));
    expect(found).toMatchObject({ effect: 'stops', key: 'numa0' });
    expect(found.nodes.ids).toEqual([1]);
    expect(codes(move(vm(bound(1)), { to: hybrid }))).toEqual(['host-nodes-absent']);
  });

  it('memory on one node and CPUs on another, where they were together', () => {
    const values = { affinity: '8-11', ...bound(1, 'bind') };
    const swapped: Shape = {
      ...article,
      llcs: [1, 0].map(id => ({ package: id, node: id, sizeKiB: 20_480, cores: [{ count: 8, threads: 2 as const }] })),
    };
    expect(find('memory-apart', move(vm(values), { to: swapped }))).toMatchObject({ effect: 'unnoticed' });
    expect(codes(move(vm({ ...values, affinity: '0-3' }), { to: article }))).toEqual([]);
  });

  it('a bind to a node that has less in all', () => {
    const values = { memory: '80000', numa: '1', numa0: 'cpus=0-3,memory=80000,hostnodes=0,policy=bind' };
    expect(find('bind-too-large', move(vm(values)))).toMatchObject({ effect: 'unnoticed', totalMiB: 64_432 });
  });

  it('hugepages of a size that is not there', () => {
    const values = { hugepages: '1024', ...bound(0) };
    const there = facts(article, { hugepageSizesKiB: new Set([2048]) });
    expect(find('hugepages-absent', move(vm(values), { there }))).toMatchObject({ effect: 'stops', sizesKiB: [2048] });
    expect(codes(move(vm(values)))).toEqual([]);
    expect(codes(move(vm(values), { there: facts(article, { hugepageSizesKiB: null }) }))).toEqual([]);
  });

  it('hugepages on a node of two digits, which Proxmox refuses', () => {
    const there = facts(shapes['sixteen-sockets']);
    const found = find('start-refused', move(vm({ hugepages: '2', ...bound(10) }), { there }));
    expect(found).toMatchObject({ effect: 'stops', problem: 'hugepages-host-node-not-single', keys: ['numa0'] });
  });

  it('a device that is not there, and another one at its address', () => {
    expect(codes(move(vm({ hostpci0: '0000:02:00.0' })))).toEqual(['device-absent']);
    const there = facts(article, { pciDevices: new Map([['0000:01:00.0', '8086:1521']]) });
    expect(find('device-differs', move(vm({ hostpci0: '01:00' }), { there }))).toMatchObject({
      ...{ effect: 'unnoticed', here: '10de:2204', there: '8086:1521' },
    });
  });

  it('a mapping without an entry for that node', () => {
    const mapping = (node: string) => new Map([['gpu', { nodes: new Set([node]), liveMigration: false }]]);
    expect(codes(move(vm({ hostpci0: 'mapping=gpu' }), { mappings: mapping('pve1') }))).toEqual(['mapping-absent']);
    expect(codes(move(vm({ hostpci0: 'mapping=gpu' }), { mappings: mapping('pve2') }))).toEqual([]);
  });

  it('passthrough of a running guest, unless its mapping can come along', () => {
    const runtime = makeVmRuntime(4, [0, 1]);
    const mappings = new Map([['nic', { nodes: new Set(['pve2']), liveMigration: true }]]);
    expect(codes(move(vm({ hostpci0: '01:00' }, { runtime })))).toEqual(['passthrough-running']);
    expect(codes(move(vm({ hostpci0: 'mapping=nic' }, { runtime }), { mappings }))).toEqual([]);
  });

  it('a hookscript on a storage that is not there, or a file that is not', () => {
    const guest = vm({ hookscript: 'local:snippets/other.sh' });
    expect(codes(move(guest))).toEqual(['hookscript-absent']);
    const nas = {
      id: 'local',
      nodes: ['pve1'],
      shared: true,
      content: ['snippets'],
      snippets: '/mnt/pve/local/snippets',
    };
    expect(find('hookscript-storage', move(guest, { storages: [nas] }))).toMatchObject({ nodes: ['pve1'] });
    expect(codes(move(guest, { storages: [{ ...nas, nodes: null }] }))).toEqual([]);
    expect(codes(move(guest, { there: facts(article, { snippets: null }) }))).toEqual([]);
  });

  it('a cpuset of a container with CPUs that are not there', () => {
    const container = makeContainer(200, 2, { cpuset: cpuSet([1, 8]) });
    expect(find('container-cpus-absent', move(container, { to: tiny })).absent.ids).toEqual([8]);
  });

  it('high availability, and a rule that wants it elsewhere', () => {
    const ha = (nodes: readonly string[], strict: boolean) => ({
      resource: 'vm:100',
      rule: { name: 'big', nodes, strict },
    });
    expect(codes(move(vm({}), { ha: ha(['pve2'], true) }))).toEqual(['ha-managed']);
    expect(find('ha-elsewhere', move(vm({}), { ha: ha(['pve1'], true) })).effect).toBe('stops');
    expect(find('ha-elsewhere', move(vm({}), { ha: ha(['pve1'], false) })).effect).toBe('note');
  });

  it('of a running guest what its main section says, and apart what waits for its next start', () => {
    const runtime = makeVmRuntime(4, [0, 1]);
    const text = 'cores: 4\nmemory: 2048\naffinity: 0-3\n\n[PENDING]\naffinity: 40-43\n';
    const found = move(vm({}, { text, runtime }));
    expect(found).toMatchObject([{ code: 'affinity-absent', at: 'next-start' }]);
    expect(move(vm({}, { text }))).toMatchObject([{ code: 'affinity-absent', at: 'arrival' }]);
  });

  it('what stops it before what nobody says', () => {
    const found = move(vm({ affinity: '1-4', ...bound(1) }), { to: tiny });
    expect(found.map(({ effect }) => effect)).toEqual(['stops', 'stops', 'unnoticed', 'unnoticed']);
  });
});

describe('unjudged()', () => {
  it('names what the node has not told, only where it matters', () => {
    const there = facts(article, { hugepageSizesKiB: null, pciDevices: null, snippets: null });
    expect(unjudged({ guest: vm({}), there })).toEqual([]);
    expect(
      unjudged({ guest: vm({ hugepages: '2', hostpci1: '01:00', hookscript: 'local:snippets/a' }), there }),
    ).toHaveLength(3);
  });
});
