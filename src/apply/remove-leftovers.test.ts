// Killed within the writing of a file: the temporary file goes with the next apply or undo, and nobody else's does.
import { existsSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type BerthTree, makeBerthTree } from '#fixtures/berth-tree.ts';
import type { Host } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';

const DEAD = 4_194_305;

class Killed extends Error {}

/** A host on which the n-th writing of a file leaves its temporary file, and nothing more happens. */
function hostKilledAt(tree: BerthTree, n: number): Host {
  let writes = 0;
  return {
    ...tree.host,
    replaceFile: (path, text, mode) => {
      writes++;
      if (writes < n) return tree.host.replaceFile(path, text, mode);
      if (writes === n && text !== null) tree.host.replaceFile(`${path}.tmp.${DEAD}`, text.slice(0, 9));
      throw new Killed(`killed at write ${n}`);
    },
  };
}

const namesIn = (tree: BerthTree, directory: string): readonly string[] =>
  tree.host.list(directory).filter(name => name.includes('.tmp.'));

const DIRECTORIES = [
  '/etc/pve/berth/nodes/pve1',
  '/etc/pve/nodes/pve1/qemu-server',
  '/var/lib/berth',
  '/var/lib/berth/journal',
];
const leftoversIn = (tree: BerthTree) => DIRECTORIES.flatMap(directory => namesIn(tree, directory));

describe('after a kill within the writing of a file', () => {
  it.each([
    ['its first journal record', 1, '/var/lib/berth/journal'],
    ['a later one', 2, '/var/lib/berth/journal'],
    ['the topology', 3, '/etc/pve/berth/nodes/pve1'],
    ['the copy of the placement', 9, '/var/lib/berth'],
    ["a guest's config", 12, '/etc/pve/nodes/pve1/qemu-server'],
  ])('of %s, the next apply removes what was left', async (_, n, directory) => {
    const tree = makeBerthTree();
    const context = { host: hostKilledAt(tree, n), qm: null };
    await expect(tree.apply(undefined, { context })).rejects.toThrow(Killed);
    expect(namesIn(tree, directory)).toHaveLength(1);
    await tree.apply();
    expect(leftoversIn(tree)).toEqual([]);
  });

  it('undo restores every byte, without the leftover', async () => {
    const tree = makeBerthTree();
    const before = tree.files();
    await expect(tree.apply(undefined, { context: { host: hostKilledAt(tree, 12), qm: null } })).rejects.toThrow(
      Killed,
    );
    await tree.undo();
    expect(tree.files()).toEqual(before);
  });

  it('leaves the temporary files of living processes, of other files and of no process', async () => {
    const tree = makeBerthTree();
    await expect(tree.apply(undefined, { context: { host: hostKilledAt(tree, 12), qm: null } })).rejects.toThrow(
      Killed,
    );
    const [own = ''] = namesIn(tree, '/etc/pve/nodes/pve1/qemu-server');
    const config = `${tree.root}/etc/pve/nodes/pve1/qemu-server/${own.replace(/\.tmp\.\d+$/, '')}`;
    const kept = [`${config}.tmp.1`, `${config}.tmp.`, `${config}.tmp.${DEAD}x`, `${config}2.tmp.${DEAD}`];
    for (const file of kept) writeFileSync(file, 'somebody writes this');
    tree.host.replaceFile('/proc/1/stat', '1 (systemd) S 0');
    await tree.apply();
    expect(kept.filter(file => !existsSync(file))).toEqual([]);
    expect(existsSync(`${config}.tmp.${DEAD}`)).toBe(false);
  });

  it('applies although the leftover cannot be removed', async () => {
    const tree = makeBerthTree();
    await expect(tree.apply(undefined, { context: { host: hostKilledAt(tree, 12), qm: null } })).rejects.toThrow(
      Killed,
    );
    const host: Host = {
      ...tree.host,
      replaceFile: (path, text, mode) => {
        if (path.includes('.tmp.')) throw new HostError('denied', 'no');
        tree.host.replaceFile(path, text, mode);
      },
    };
    expect(await tree.apply(undefined, { context: { host, qm: null } })).toMatchObject({ kind: 'ran' });
    expect(leftoversIn(tree)).toHaveLength(1);
  });
});
