// Moving memory on a captured host: counted, journalled, put back.
import { describe, expect, it } from 'vitest';
import { type NumaNodeId, vmId } from '#domain/ids.ts';
import { type BerthTree, makeBerthTree, pidOf, restart } from '#fixtures/berth-tree.ts';
import { readMemoryMappings } from '#host/read-memory-mappings.ts';
import { readResidentMiB } from '#host/read-vm-runtime.ts';
import { makeMemoryMoves } from '#plan/make-memory-moves.ts';
import { type MemoryMoving, QUIET_MOVING } from './memory-step.ts';
import { moveMemory } from './move-memory.ts';

const FAST: MemoryMoving = { ...QUIET_MOVING, rateMiBps: 1e9 };

const residentOf = (tree: BerthTree, vmid: number) => readResidentMiB(tree.host, pidOf(tree, vmid));

async function movesOf(tree: BerthTree, vmid: number) {
  const { inventory } = await tree.state();
  if (inventory.placement === null) throw new Error('no placement is in force');
  const mappings = readMemoryMappings(tree.host, inventory.guests);
  return makeMemoryMoves({ inventory, placement: inventory.placement, mappings, only: new Set([vmId(vmid)]) });
}

function run(tree: BerthTree, moving = FAST) {
  return moveMemory({
    context: { host: tree.host, qm: null, moving },
    node: 'pve1',
    now: () => new Date(0),
    shouldStop: moving.shouldStop,
    readMoves: () => movesOf(tree, 100),
  });
}

/** VM 100 is placed, and of its memory some is on either node. */
async function makeTree(): Promise<BerthTree> {
  const tree = makeBerthTree();
  tree.setPolicy('guests:\n  100: { class: dedicated }\n');
  await tree.apply();
  return tree;
}

describe('moveMemory()', () => {
  it('moves what is elsewhere, says how much, and has nothing to do when asked again', async () => {
    const tree = await makeTree();
    const before = residentOf(tree, 100) ?? new Map();
    const [move] = await movesOf(tree, 100);
    if (move?.kind !== 'move') throw new Error('nothing to move');
    const { entry } = await run(tree);
    expect(entry).toMatchObject({ action: 'apply', state: 'done' });
    expect(entry?.steps[0]?.record).toMatchObject({ outcome: { movedMiB: move.elsewhereMiB, stayed: [] } });
    const target = move.to.ids[0] as NumaNodeId;
    const total = [...before.values()].reduce((sum, mib) => sum + mib, 0);
    const after = residentOf(tree, 100) ?? new Map();
    expect(after.get(target)).toBeGreaterThan(total - 100);
    expect(await run(tree)).toEqual({ entry: null, stays: [] });
  });

  it('is put back by undo, as much to each node as there was', async () => {
    const tree = await makeTree();
    const before = residentOf(tree, 100);
    await run(tree);
    expect(residentOf(tree, 100)).not.toEqual(before);
    const undone = await tree.undo(null, { context: { host: tree.host, qm: null, moving: FAST } });
    expect(undone).toMatchObject({ state: 'done', steps: [{ record: { kind: 'memory' }, state: 'done' }] });
    expect(residentOf(tree, 100)).toEqual(before);
  });

  it('needs no undo once the process has ended', async () => {
    const tree = await makeTree();
    await run(tree);
    restart(tree, 100);
    expect((await tree.undo()).steps).toEqual([]);
  });

  it('stops between two pieces, says how far it came, and can be put back from there', async () => {
    const tree = await makeTree();
    const before = residentOf(tree, 100);
    let asked = 0;
    const { entry } = await run(tree, { ...FAST, shouldStop: () => ++asked > 3 });
    expect(entry).toMatchObject({ state: 'stopped', steps: [{ state: 'failed' }] });
    expect(entry?.steps[0]?.error).toMatch(/^It was stopped: \d+ of \d+ MiB were moved/);
    expect(residentOf(tree, 100)).not.toEqual(before);
    await tree.undo(null, { context: { host: tree.host, qm: null, moving: FAST } });
    expect(residentOf(tree, 100)).toEqual(before);
  });

  it('names the VMs that it leaves, and writes no entry for them', async () => {
    const tree = await makeTree();
    tree.edit('/etc/pve/nodes/pve1/qemu-server/100.conf', 'cores:', 'amd-sev: type=std\ncores:');
    expect(await run(tree)).toMatchObject({ entry: null, stays: [{ vmid: 100, obstacle: { kind: 'encrypted' } }] });
  });

  it('fails when nothing can be moved at all', async () => {
    const tree = await makeTree();
    const host = { ...tree.host, movePages: (_: number, addresses: readonly number[]) => addresses.map(() => null) };
    const { entry } = await run({ ...tree, host });
    expect(entry?.state).toBe('stopped');
    expect(entry?.steps[0]?.error).toMatch(/^No memory of VM 100 could be moved: \d+ MiB are held by/);
  });
});
