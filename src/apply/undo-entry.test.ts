// Undo on a captured host in a scratch directory: every byte back, other people's edits kept, and nothing on a guess.
import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { cpuSet } from '#domain/id-set.ts';
import {
  addThread,
  allowedIn,
  type BerthTree,
  configPath,
  endThread,
  makeBerthTree,
  pidOf,
  restart,
  secondVcpuOf,
} from '#fixtures/berth-tree.ts';
import { readJournal } from './journal-files.ts';

/** The files that are not as they were. */
function changedFiles(before: ReadonlyMap<string, string>, tree: BerthTree): string[] {
  const after = tree.files();
  return [...new Set([...before.keys(), ...after.keys()])].filter(path => before.get(path) !== after.get(path));
}

async function applied(): Promise<{ tree: BerthTree; before: ReadonlyMap<string, string> }> {
  const tree = makeBerthTree();
  const before = tree.files();
  await tree.apply();
  return { tree, before };
}

describe('undoEntry()', () => {
  it('restores every byte of every file, once', async () => {
    const { tree, before } = await applied();
    expect(changedFiles(before, tree).length).toBeGreaterThan(50);
    expect(await tree.undo()).toMatchObject({ id: '0002', action: 'undo', undoes: '0001', state: 'done' });
    expect(changedFiles(before, tree)).toEqual([]);
    await expect(tree.undo()).rejects.toThrow('There is nothing to undo');
    await expect(tree.undo('1')).rejects.toThrow('Entry 0001 is undone already');
    await expect(tree.undo('2')).rejects.toThrow('Entry 0002 is itself an undo');
    await expect(tree.undo('7')).rejects.toThrow('There is no journal entry 7');
  });

  it('takes the steps back in reverse', async () => {
    const { tree } = await applied();
    const [entry] = readJournal(tree.host);
    const undone = await tree.undo();
    const pathOf = (record: object) => ('path' in record ? record.path : undefined);
    expect(pathOf(undone.steps.at(-1)?.record ?? {})).toBe(pathOf(entry?.steps[0]?.record ?? {}));
    expect(undone.steps).toHaveLength(entry?.steps.length ?? 0);
  });

  it('keeps what was edited elsewhere in a config', async () => {
    const { tree, before } = await applied();
    tree.edit(configPath(101), 'cores: 4\n', 'cores: 6\ncpuunits: 200\n');
    tree.edit(configPath(202), 'memory: 3072', 'memory: 4096');
    expect(await tree.undo()).toMatchObject({ state: 'done' });
    expect(changedFiles(before, tree)).toEqual([configPath(202), configPath(101)]);
    expect(tree.host.read(configPath(202))).toBe(before.get(configPath(202))?.replace('memory: 3072', 'memory: 4096'));
    expect(tree.host.read(configPath(101))).toContain('cores: 6\ncpuunits: 200\n');
    expect(tree.host.read(configPath(101))).not.toMatch(/^(affinity|numa): /m);
  });

  it.each<[string, (tree: BerthTree) => void, RegExp]>([
    [
      'our value was changed in a config',
      tree => tree.edit(configPath(106), /^affinity: .*$/m, 'affinity: 7'),
      /106.conf was changed by somebody else: affinity is now 7. Nothing was changed/,
    ],
    [
      'a thread was pinned elsewhere',
      tree => tree.host.setThreadAffinity({ pid: pidOf(tree, 101), tid: secondVcpuOf(tree, 101) }, cpuSet([29, 30])),
      /thread \d+ of VM 101 was pinned elsewhere by somebody else/,
    ],
    [
      'the placement was edited',
      tree => tree.edit('/var/lib/berth/placement.json', '"node": "pve1"', '"node":  "pve1"'),
      /placement.json was changed by somebody else/,
    ],
    [
      'Proxmox has locked a guest whose config it would change',
      tree => tree.edit(configPath(202), 'memory:', 'lock: backup\nmemory:'),
      /Guest 202 is locked \(backup\)/,
    ],
  ])('is refused, and changes nothing, when %s', async (_, happens, message) => {
    const { tree } = await applied();
    happens(tree);
    const before = tree.files();
    await expect(tree.undo()).rejects.toThrow(message);
    expect(changedFiles(before, tree)).toEqual([]);
    expect(readJournal(tree.host)).toHaveLength(1);
  });

  it('takes a line that somebody removed for undone', async () => {
    const { tree, before } = await applied();
    tree.edit(configPath(202), /^lxc\.cgroup2.*\n/m, '');
    expect(await tree.undo()).toMatchObject({ state: 'done' });
    expect(changedFiles(before, tree)).toEqual([]);
  });

  it('leaves a VM alone that was restarted since, whose threads are new', async () => {
    const { tree, before } = await applied();
    const status = `/proc/${pidOf(tree, 101)}/task/${pidOf(tree, 101)}/status`;
    restart(tree, 101);
    const now = tree.host.read(status);
    expect(await tree.undo()).toMatchObject({ state: 'done' });
    expect(tree.host.read(status)).toBe(now);
    expect(tree.host.read(configPath(101))).toBe(before.get(configPath(101)));
  });

  it('undoes the rest when a guest was destroyed since', async () => {
    const { tree, before } = await applied();
    tree.host.replaceFile(configPath(106), null);
    expect(await tree.undo()).toMatchObject({ state: 'done' });
    expect(changedFiles(before, tree)).toEqual([configPath(106)]);
  });

  it('undoes the rest when a vCPU was unplugged since', async () => {
    const { tree, before } = await applied();
    const tid = secondVcpuOf(tree, 101);
    const directory = `/proc/${pidOf(tree, 101)}/task/${tid}/`;
    endThread(tree, 101, tid);
    expect(await tree.undo()).toMatchObject({ state: 'done' });
    expect(changedFiles(before, tree).filter(path => !path.startsWith(directory))).toEqual([]);
  });

  it('frees threads too that QEMU started while it was pinned', async () => {
    const { tree } = await applied();
    const tid = addThread(tree, 101);
    expect(allowedIn(tree, 101, tid)).not.toBe('0-31');
    await tree.undo();
    expect(allowedIn(tree, 101, tid)).toBe('0-31');
  });

  it('undoes the rest when a container was stopped since', async () => {
    const { tree, before } = await applied();
    rmSync(`${tree.root}/sys/fs/cgroup/lxc/202`, { recursive: true });
    expect(await tree.undo()).toMatchObject({ state: 'done' });
    expect(changedFiles(before, tree).filter(path => !path.startsWith('/sys/fs/cgroup/lxc/202/'))).toEqual([]);
  });

  it('puts a container back even when Proxmox has moved it since', async () => {
    const { tree, before } = await applied();
    tree.host.writeKernelFile('/sys/fs/cgroup/lxc/202/cpuset.cpus', '7-8\n');
    expect(await tree.undo()).toMatchObject({ state: 'done' });
    expect(changedFiles(before, tree)).toEqual([]);
  });

  it('refuses an older apply while a newer one is in force, and says which to undo first', async () => {
    const { tree, before } = await applied();
    tree.setPolicy('guests:\n  101: { class: dedicated }\n');
    const between = tree.files();
    await tree.apply();
    await expect(tree.undo('1')).rejects.toThrow(/Entry 0002 came later and changed the same: .*Undo 0002 first/);
    expect(await tree.undo()).toMatchObject({ undoes: '0002', state: 'done' });
    expect(changedFiles(between, tree)).toEqual([]);
    expect(await tree.undo()).toMatchObject({ undoes: '0001', state: 'done' });
    expect(changedFiles(before, tree)).toEqual(['/etc/pve/berth/policy.yaml']);
  });

  it('goes on where an undo stopped', async () => {
    const { tree, before } = await applied();
    let steps = 0;
    const stopped = await tree.undo(null, { onStep: () => steps++, shouldStop: () => steps === 5 });
    expect(stopped.state).toBe('stopped');
    expect(changedFiles(before, tree)).not.toEqual([]);
    expect(await tree.undo()).toMatchObject({ undoes: '0001', state: 'done' });
    expect(changedFiles(before, tree)).toEqual([]);
  });
});
