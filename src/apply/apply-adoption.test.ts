// Adopting on a captured host: what is written, what is not touched, what is refused, and back again.
import { describe, expect, it } from 'vitest';
import type { VmId } from '#domain/ids.ts';
import { addThread, type BerthTree, makeBerthTree, pidOf, secondVcpuOf } from '#fixtures/berth-tree.ts';
import { HostError } from '#host/host-error.ts';
import { makeAdoption } from '#plan/make-adoption.ts';
import { parsePolicy } from '#policy/parse-policy.ts';
import { applyAdoption } from './apply-adoption.ts';
import { readJournal } from './journal-files.ts';
import { publishTopology } from './publish-topology.ts';

const POLICY = '/etc/pve/berth/policy.yaml';
const EMPTY = '# nothing yet\n';
const now = () => new Date(0);

/** VM 101 of the demo host with its four vCPUs on CPUs 4 to 7, as a script leaves them. */
async function makePinnedTree(): Promise<BerthTree> {
  const tree = makeBerthTree({ [POLICY.slice(1)]: EMPTY });
  const pid = pidOf(tree, 101);
  const answers = JSON.parse(tree.host.read('/run/qemu-server/101.qmp.json') ?? '{}');
  const vcpus: number[] = answers['query-cpus-fast'].map((cpu: { 'thread-id': number }) => cpu['thread-id']);
  vcpus.forEach((tid, index) => {
    tree.edit(`/proc/${pid}/task/${tid}/status`, /Cpus_allowed_list:\t.*/, `Cpus_allowed_list:\t${4 + index}`);
    tree.edit(
      `/proc/${pid}/task/${tid}/status`,
      /Cpus_allowed:\t.*/,
      `Cpus_allowed:\t${(16 << index).toString(16).padStart(8, '0')}`,
    );
  });
  return tree;
}

const readState = (tree: BerthTree) => async () => {
  const { inventory } = await tree.state();
  return { inventory, policy: parsePolicy(tree.host.read(POLICY) ?? '', POLICY) };
};

const adoptionOf = async (tree: BerthTree, only: ReadonlySet<VmId> | null = null) =>
  makeAdoption({ ...(await readState(tree)()), only });

const adopt = async (tree: BerthTree, shown = adoptionOf(tree)) =>
  applyAdoption(await shown, { host: tree.host, policyPath: POLICY, readState: readState(tree), now });

describe('applyAdoption()', () => {
  it('writes placement and policy, and nothing else', async () => {
    const tree = await makePinnedTree();
    const before = tree.files();
    const entry = await adopt(tree);
    expect(entry).toMatchObject({ id: '0001', action: 'apply', state: 'done' });
    const changed = [...tree.files()].filter(([path, text]) => before.get(path) !== text).map(([path]) => path);
    expect(changed).toEqual([
      '/etc/pve/berth/nodes/pve1/placement.json',
      '/etc/pve/berth/nodes/pve1/topology.json',
      POLICY,
      '/var/lib/berth/placement.json',
    ]);
    expect(tree.host.read(POLICY)).toMatch(
      /^# nothing yet\n\nguests:\n {2}101: \{ class: dedicated, smt: isolate \}\n/,
    );
    const report = await tree.verify();
    expect(report.findings.filter(({ severity }) => severity !== 'note')).toEqual([]);
    expect(report.guests.map(({ vmid, state }) => [vmid, state])).toContainEqual([101, 'inForce']);
  });

  it('is undone like any apply', async () => {
    const tree = await makePinnedTree();
    const before = tree.files();
    await adopt(tree);
    expect(await tree.undo()).toMatchObject({ state: 'done' });
    expect(tree.files()).toEqual(before);
  });

  it('has nothing more to adopt afterwards', async () => {
    const tree = await makePinnedTree();
    await adopt(tree);
    expect((await adoptionOf(tree)).adopted).toEqual([]);
  });

  it('refuses when a mask changed since it was shown', async () => {
    const tree = await makePinnedTree();
    const shown = await adoptionOf(tree);
    tree.edit(`/proc/${pidOf(tree, 101)}/task/${secondVcpuOf(tree, 101)}/status`, /(list:\t)5/, '$19');
    const before = tree.files();
    await expect(adopt(tree, Promise.resolve(shown))).rejects.toThrow(/changed meanwhile/);
    expect(tree.files()).toEqual(before);
    expect(readJournal(tree.host)).toEqual([]);
  });

  it('takes threads along that started meanwhile, as they have the masks of the others', async () => {
    const tree = await makePinnedTree();
    const shown = await adoptionOf(tree);
    addThread(tree, 101);
    expect(await adopt(tree, Promise.resolve(shown))).toMatchObject({ state: 'done' });
  });
});

describe('publishTopology()', () => {
  it('writes what the node is once, and again only when it has changed', async () => {
    const tree = makeBerthTree();
    const publish = async () => publishTopology((await tree.state()).inventory, { host: tree.host, now });
    expect(await publish()).toMatchObject({ state: 'done', steps: [{ state: 'done' }] });
    const path = '/etc/pve/berth/nodes/pve1/topology.json';
    expect(JSON.parse(tree.host.read(path) ?? '')).toMatchObject({ node: 'pve1', hugepageSizesKiB: [2048, 1_048_576] });
    expect(await publish()).toBeNull();
    tree.edit(path, '"pve1"', '"old"');
    expect(await publish()).not.toBeNull();
    expect(readJournal(tree.host)).toHaveLength(2);
  });

  it('throws where nothing can be written', async () => {
    const tree = makeBerthTree();
    const { inventory } = await tree.state();
    const host = {
      ...tree.host,
      replaceFile: () => {
        throw new HostError('denied', 'no');
      },
    };
    await expect(publishTopology(inventory, { host, now })).rejects.toThrow(HostError);
  });
});
