// The power fails at any moment of an apply or of an undo: the journal on disk is enough to put every byte back.
import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type BerthTree, makeBerthTree } from '#fixtures/berth-tree.ts';
import type { Host } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';
import { readJournal } from './journal-files.ts';

class PowerCut extends Error {}

/** A host that is dead from its `n`-th change on; the journal's own files count too. */
function hostThatDiesAt(host: Host, n: number): { host: Host; calls: () => number } {
  let calls = 0;
  const alive = () => {
    calls++;
    if (calls >= n) throw new PowerCut(`power cut at change ${n}`);
  };
  const dying: Host = {
    ...host,
    replaceFile: (...args) => {
      alive();
      host.replaceFile(...args);
    },
    writeKernelFile: (...args) => {
      alive();
      host.writeKernelFile(...args);
    },
    setThreadAffinity: (...args) => {
      alive();
      host.setThreadAffinity(...args);
    },
  };
  return { host: dying, calls: () => calls };
}

/** Few guests, so that every moment can be tried: one dedicated VM that runs, one that is stopped, containers. */
function makeSmallTree(): BerthTree {
  const tree = makeBerthTree();
  for (const vmid of [100, 102, 103, 104, 105]) {
    tree.host.replaceFile(`/etc/pve/nodes/pve1/qemu-server/${vmid}.conf`, null);
    const pid = tree.host.read(`/run/qemu-server/${vmid}.pid`)?.trim();
    if (pid !== undefined) rmSync(`${tree.root}/proc/${pid}`, { recursive: true });
  }
  tree.setPolicy('guests:\n  101: { class: dedicated }\n  106: { class: dedicated }\n');
  return tree;
}

async function undoIfAnything(tree: BerthTree): Promise<void> {
  try {
    await tree.undo();
  } catch (error) {
    if (!(error instanceof HostError && error.reason === 'missing')) throw error;
  }
}

describe('after a power cut', () => {
  it('at any change of an apply, undo restores every byte', async () => {
    const tree = makeSmallTree();
    const plan = await tree.plan();
    const before = tree.files();
    for (let n = 1; ; n++) {
      rmSync(`${tree.root}/var/lib/berth/journal`, { recursive: true, force: true });
      const { host, calls } = hostThatDiesAt(tree.host, n);
      const result = await tree.apply(plan, { context: { host, qm: null } }).catch((error: unknown) => error);
      const isComplete = !(result instanceof PowerCut);
      if (isComplete) expect(result).toMatchObject({ kind: 'ran', entry: { state: 'done' } });
      await undoIfAnything(tree);
      expect(tree.files(), `after a power cut at change ${n}`).toEqual(before);
      if (isComplete) {
        expect(calls()).toBeGreaterThan(40);
        return;
      }
    }
  });

  it('at any change of an apply, the next apply makes the plan true, and both are undone', async () => {
    const tree = makeSmallTree();
    const plan = await tree.plan();
    const before = tree.files();
    for (const n of [1, 2, 3, 5, 8, 13, 21, 34, 55]) {
      rmSync(`${tree.root}/var/lib/berth/journal`, { recursive: true, force: true });
      const { host } = hostThatDiesAt(tree.host, n);
      await expect(tree.apply(plan, { context: { host, qm: null } })).rejects.toThrow(PowerCut);
      await tree.apply();
      const report = await tree.verify();
      expect(report.guests.filter(({ state }) => state === 'deviates')).toEqual([]);
      expect(readJournal(tree.host).map(({ state }) => state)).not.toContain('running');
      await undoIfAnything(tree);
      await undoIfAnything(tree);
      expect(tree.files(), `after a power cut at change ${n}`).toEqual(before);
    }
  });

  it('at any change of an undo, the next undo restores every byte', async () => {
    const tree = makeSmallTree();
    const plan = await tree.plan();
    const before = tree.files();
    for (let n = 1; ; n++) {
      rmSync(`${tree.root}/var/lib/berth/journal`, { recursive: true, force: true });
      await tree.apply(plan);
      const { host } = hostThatDiesAt(tree.host, n);
      const result = await tree.undo(null, { context: { host, qm: null } }).catch((error: unknown) => error);
      if (!(result instanceof PowerCut)) {
        expect(tree.files()).toEqual(before);
        return;
      }
      await tree.undo();
      expect(tree.files(), `after a power cut at change ${n}`).toEqual(before);
    }
  });
});
