// Applying on a captured host in a scratch directory: true afterwards, refused when it may not be, honest when it fails.
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { encodeIdList } from '#domain/id-list.ts';
import { cpuSet } from '#domain/id-set.ts';
import { vmId } from '#domain/ids.ts';
import type { JournalEntry } from '#domain/journal.ts';
import type { Change, Plan } from '#domain/plan.ts';
import {
  addThread,
  allowedIn,
  type BerthTree,
  configPath,
  makeBerthTree,
  pidOf,
  restart,
  secondVcpuOf,
} from '#fixtures/berth-tree.ts';
import type { Host } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';
import type { ApplyResult } from './apply-plan.ts';
import { readJournal } from './journal-files.ts';

function entryOf(result: ApplyResult): JournalEntry {
  if (result.kind !== 'ran') throw new Error(`nothing ran: ${result.kind}`);
  return result.entry;
}

const stepStates = (entry: JournalEntry) => entry.steps.map(({ state }) => state);

/** A host on which writing a file below a path fails as on a full disk. */
function fullDiskAt(tree: BerthTree, path: string): Host {
  return {
    ...tree.host,
    replaceFile: (file, text, mode) => {
      if (file === path) throw new HostError('full', `Cannot write ${file}: no space left on device`);
      tree.host.replaceFile(file, text, mode);
    },
  };
}

/** That the tree was not touched, whatever was tried. */
async function expectUntouched(tree: BerthTree, tried: () => Promise<unknown>, message: string | RegExp) {
  const before = tree.files();
  await expect(tried()).rejects.toThrow(message);
  expect(tree.files()).toEqual(before);
  expect(readJournal(tree.host)).toEqual([]);
}

describe('applyPlan()', () => {
  it('makes the plan true as far as running guests allow, and has nothing to do when asked again', async () => {
    const tree = makeBerthTree();
    const entry = entryOf(await tree.apply());
    expect(entry).toMatchObject({ id: '0001', action: 'apply', state: 'done' });
    expect(new Set(stepStates(entry))).toEqual(new Set(['done']));
    const report = await tree.verify();
    const deviations = report.findings.filter(({ severity }) => severity !== 'note').map(({ code }) => code);
    expect(new Set(deviations)).toEqual(new Set(['restart-pending', 'memory-elsewhere']));
    expect(Object.fromEntries(report.guests.map(({ vmid, state }) => [vmid, state]))).toMatchObject({
      101: 'restartPending',
      102: 'inForce',
      106: 'stopped',
      203: 'inForce',
    });
    const before = tree.files();
    expect(await tree.apply()).toEqual({ kind: 'nothing' });
    expect(tree.files()).toEqual(before);
  });

  it('keeps the memory of a guest from being merged, and puts back what the operator had said of that', async () => {
    const tree = makeBerthTree({
      'var/lib/dpkg/status': 'Package: qemu-server\nStatus: install ok installed\nVersion: 9.0.27\n',
    });
    tree.edit(configPath(106), /^/, 'allow-ksm: 1\n');
    tree.setPolicy('guests: { 101: { class: dedicated, ksm: off }, 106: { class: dedicated, ksm: off } }\n');
    const before = tree.files();
    expect(entryOf(await tree.apply())).toMatchObject({ state: 'done' });
    // The one runs, so that its value waits for its next start.
    expect(tree.host.read(configPath(101))).toMatch(/\[PENDING\]\n(.*\n)*allow-ksm: 0\n/);
    expect(tree.host.read(configPath(106))).toMatch(/^allow-ksm: 0$/m);
    const { findings } = await tree.verify(new Set([vmId(101)]));
    const keys: unknown = expect.arrayContaining(['allow-ksm']);
    expect(findings).toContainEqual({ code: 'restart-pending', severity: 'warning', vmid: 101, keys });
    expect(await tree.apply()).toEqual({ kind: 'nothing' });
    await tree.undo();
    expect(tree.files()).toEqual(before);
  });

  it('leaves a namespace cgroup without a set of its own as it is', async () => {
    const tree = makeBerthTree();
    await tree.apply();
    expect(tree.host.read('/sys/fs/cgroup/lxc/202/ns/cpuset.cpus')).toBe('\n');
  });

  it('changes the namespace cgroup too when it has a set of its own', async () => {
    const tree = makeBerthTree({ 'sys/fs/cgroup/lxc/202/ns/cpuset.cpus': '9,20\n' });
    await tree.apply();
    const outer = tree.host.read('/sys/fs/cgroup/lxc/202/cpuset.cpus');
    expect(outer).not.toBe('9,20\n');
    expect(tree.host.read('/sys/fs/cgroup/lxc/202/ns/cpuset.cpus')).toBe(outer);
  });

  it('pins threads that QEMU started after the plan was made', async () => {
    const tree = makeBerthTree();
    const plan = await tree.plan();
    const tid = addThread(tree, 101);
    await tree.apply(plan);
    const emulator = encodeIdList(plan.placement.guests.find(({ vmid }) => vmid === 101)?.emulator ?? cpuSet());
    expect(allowedIn(tree, 101, tid)).toBe(emulator);
  });
});

describe('applyPlan() refuses, and changes nothing,', () => {
  it.each<[string, (tree: BerthTree) => void, RegExp]>([
    [
      'a plan from before a config was edited',
      tree => tree.edit(configPath(102), 'cores: 4', 'cores: 2'),
      /stale: the config of guest 102 was edited/,
    ],
    [
      'a plan from before the policy was edited',
      tree => tree.setPolicy('guests:\n  101: { class: dedicated }\n'),
      /stale: the policy was edited/,
    ],
    ['a plan from before a VM was restarted', tree => restart(tree, 100), /stale: guest 100 was restarted/],
    [
      'a plan from before a guest was destroyed',
      tree => tree.host.replaceFile(configPath(204), null),
      /stale: guest 204 is gone/,
    ],
    [
      'a plan from before a CPU went offline',
      tree => tree.edit('/sys/devices/system/cpu/online', '0-31', '0-30'),
      /stale: online CPUs were 0-31, now 0-30/,
    ],
  ])('%s', async (_, happens, message) => {
    const tree = makeBerthTree();
    const plan = await tree.plan();
    happens(tree);
    await expectUntouched(tree, () => tree.apply(plan), message);
  });

  it('a guest that Proxmox has locked', async () => {
    const tree = makeBerthTree();
    tree.edit(configPath(202), 'memory:', 'lock: backup\nmemory:');
    const plan = await tree.plan();
    await expectUntouched(tree, () => tree.apply(plan), /Guest 202 is locked \(backup\)/);
  });

  it('a plan for another node', async () => {
    const tree = makeBerthTree();
    const plan = { ...(await tree.plan()), node: 'pve2' };
    await expectUntouched(tree, () => tree.apply(plan), /for node pve2; this is pve1/);
  });

  it('a placement for another node, whose name would be a path', async () => {
    const tree = makeBerthTree();
    const plan = await tree.plan();
    const evil = { ...plan, placement: { ...plan.placement, node: '../../../../etc/cron.d' } };
    await expectUntouched(tree, () => tree.apply(evil), /this is pve1/);
  });

  it('when its journal cannot be written', async () => {
    const tree = makeBerthTree({ 'var/lib/berth/journal': 'a file where the directory should be\n' });
    const before = tree.files();
    await expect(tree.apply()).rejects.toThrow(/journal/);
    expect(tree.files()).toEqual(before);
  });

  it('while another apply runs, naming the lock', async () => {
    const tree = makeBerthTree();
    const plan = await tree.plan();
    let second: Promise<unknown> | undefined;
    const onStep = () => {
      second ??= tree.apply(plan).catch((error: unknown) => error);
    };
    expect(entryOf(await tree.apply(plan, { onStep })).state).toBe('done');
    expect(await second).toMatchObject({ reason: 'busy', message: expect.stringContaining('/run/berth/lock') });
  });

  it('a journal that it cannot read', async () => {
    const tree = makeBerthTree({ 'var/lib/berth/journal/0001.json': '{"schema":"berth/jour' });
    const before = tree.files();
    await expect(tree.apply()).rejects.toThrow('/var/lib/berth/journal/0001.json');
    expect(tree.files()).toEqual(before);
  });
});

describe('applyPlan() and plans that somebody has edited', () => {
  /** The findings' words for a plan whose changes were altered. */
  async function findingsFor(alter: (plan: Plan) => Plan): Promise<string[]> {
    const tree = makeBerthTree();
    const before = tree.files();
    const result = await tree.apply(alter(await tree.plan()));
    if (result.kind !== 'unsound') throw new Error(`it was taken: ${result.kind}`);
    expect(tree.files()).toEqual(before);
    return result.findings.map(finding => ('what' in finding ? finding.what : finding.code));
  }

  const ofGuest = <Kind extends Change['kind']>(
    plan: Plan,
    [vmid, kind]: [number, Kind],
    alter: (change: Extract<Change, { kind: Kind }>) => Change,
  ): Plan => ({
    ...plan,
    changes: plan.changes.map(change =>
      change.vmid === vmid && change.kind === kind ? alter(change as Extract<Change, { kind: Kind }>) : change,
    ),
  });

  it.each<[string, (plan: Plan) => Plan, RegExp]>([
    [
      'another file',
      plan => ofGuest(plan, [101, 'config'], change => ({ ...change, path: '/etc/shadow' })),
      /the file \/etc\/shadow is not this guest's config/,
    ],
    [
      'a key that is none of ours',
      plan =>
        ofGuest(plan, [101, 'config'], change => ({
          ...change,
          edits: [...change.edits, { key: 'args', before: null, after: '-S' }],
        })),
      /the key args/,
    ],
    [
      'a key twice',
      plan =>
        ofGuest(plan, [101, 'config'], change => ({
          ...change,
          edits: [...change.edits, { key: 'affinity', before: null, after: '31' }],
        })),
      /affinity is set twice/,
    ],
    [
      'the pending section of a container',
      plan => ofGuest(plan, [202, 'config'], change => ({ ...change, section: 'pending' })),
      /section/,
    ],
    [
      'the main section of a running VM',
      plan => ofGuest(plan, [101, 'config'], change => ({ ...change, section: 'main' })),
      /section/,
    ],
    [
      'another process',
      plan => ofGuest(plan, [101, 'threads'], change => ({ ...change, pid: 1 })),
      /process 1 is not this guest's/,
    ],
    [
      'a vCPU called an emulator thread',
      plan =>
        ofGuest(plan, [101, 'threads'], change => ({
          ...change,
          threads: change.threads.map(thread => ({
            ...thread,
            role: { kind: 'emulator' } as const,
            after: plan.placement.guests.find(({ vmid }) => vmid === 101)?.emulator ?? thread.after,
          })),
        })),
      /is no emulator thread/,
    ],
    [
      'no step for a thread that is elsewhere',
      plan => ({ ...plan, changes: plan.changes.filter(({ vmid, kind }) => vmid !== 101 || kind !== 'threads') }),
      /thread \d+ would stay/,
    ],
    [
      'no step for a container that is elsewhere',
      plan => ({ ...plan, changes: plan.changes.filter(({ vmid, kind }) => vmid !== 203 || kind !== 'cpuset') }),
      /its cpuset would stay/,
    ],
    [
      'values of the operator that never were',
      plan => ({
        ...plan,
        placement: {
          ...plan.placement,
          guests: plan.placement.guests.map(guest =>
            guest.vmid === 102 ? { ...guest, found: new Map([...guest.found, ['numa', '1']]) } : guest,
          ),
        },
      }),
      /numa is 0 for the operator, not 1/,
    ],
    [
      'a guest that is not placed',
      plan => ({
        ...plan,
        placement: { ...plan.placement, guests: plan.placement.guests.filter(({ vmid }) => vmid !== 102) },
      }),
      /never placed/,
    ],
  ])('refuses %s', async (_, alter, message) => {
    expect(await findingsFor(alter)).toContainEqual(expect.stringMatching(message));
  });
});

describe('applyPlan() that fails half way', () => {
  it('says what was done, what failed and what was not tried; goes on next time; and both are undone in order', async () => {
    const tree = makeBerthTree();
    const before = tree.files();
    const host = fullDiskAt(tree, configPath(104));
    const entry = entryOf(await tree.apply(await tree.plan(), { context: { host, qm: null } }));
    expect(entry.state).toBe('stopped');
    const failed = entry.steps.findIndex(({ state }) => state === 'failed');
    expect(entry.steps[failed]).toMatchObject({
      record: { kind: 'file', path: configPath(104) },
      error: `Cannot write ${configPath(104)}: no space left on device`,
    });
    expect(new Set(stepStates(entry).slice(0, failed))).toEqual(new Set(['done']));
    expect(new Set(stepStates(entry).slice(failed + 1))).toEqual(new Set(['not-tried']));

    expect(entryOf(await tree.apply())).toMatchObject({ id: '0002', state: 'done' });
    expect((await tree.verify()).guests.filter(({ state }) => state === 'deviates')).toEqual([]);
    await expect(tree.undo('1')).rejects.toThrow(/Entry 0002 came later and changed the same: .*Undo 0002 first/);
    expect(await tree.undo()).toMatchObject({ undoes: '0002', state: 'done' });
    expect(await tree.undo()).toMatchObject({ undoes: '0001', state: 'done' });
    expect(tree.files()).toEqual(before);
    await expect(tree.undo()).rejects.toThrow('There is nothing to undo');
  });

  it('records a thread whose status means nothing as a failed step', async () => {
    const tree = makeBerthTree();
    const before = tree.files();
    const plan = await tree.plan();
    const status = `/proc/${pidOf(tree, 104)}/task/${secondVcpuOf(tree, 104)}/status`;
    // Between the stale check and the step of this VM.
    const onStep = () => writeFileSync(tree.root + status, 'Name:\tkvm\n');
    const entry = entryOf(await tree.apply(plan, { onStep }));
    expect(entry.state).toBe('stopped');
    expect(entry.steps.find(({ state }) => state === 'failed')).toMatchObject({
      record: { kind: 'threads', vmid: 104 },
      error: expect.stringContaining(status),
    });
    writeFileSync(tree.root + status, before.get(status) ?? '');
    await tree.undo();
    expect(tree.files()).toEqual(before);
  });

  it('stops before the next step when asked to', async () => {
    const tree = makeBerthTree();
    const before = tree.files();
    let steps = 0;
    const entry = entryOf(await tree.apply(undefined, { onStep: () => steps++, shouldStop: () => steps === 4 }));
    expect(entry.state).toBe('stopped');
    expect(stepStates(entry).slice(0, 5)).toEqual(['done', 'done', 'done', 'done', 'not-tried']);
    await tree.undo();
    expect(tree.files()).toEqual(before);
  });

  it('stops when a VM is restarted meanwhile', async () => {
    const tree = makeBerthTree();
    const plan = await tree.plan();
    let isDone = false;
    const onStep = () => {
      if (!isDone) restart(tree, 104);
      isDone = true;
    };
    const entry = entryOf(await tree.apply(plan, { onStep }));
    expect(entry.steps.find(({ state }) => state === 'failed')).toMatchObject({
      record: { kind: 'threads', vmid: 104 },
      error: expect.stringContaining('restarted'),
    });
  });

  it('refuses to write over a config that is edited while it works', async () => {
    const tree = makeBerthTree();
    const plan = await tree.plan();
    let isDone = false;
    const onStep = () => {
      if (!isDone) tree.edit(configPath(104), 'numa: 0', 'numa: 1');
      isDone = true;
    };
    const entry = entryOf(await tree.apply(plan, { onStep }));
    expect(entry.steps.find(({ state }) => state === 'failed')?.error).toMatch(/104.conf was changed by somebody else/);
    expect(tree.host.read(configPath(104))).toContain('numa: 1');
    expect(tree.host.read(configPath(104))).not.toContain('affinity');
  });

  it('leaves no temporary file behind', async () => {
    const tree = makeBerthTree();
    await tree.apply();
    const names = readdirSync(tree.root, { recursive: true, encoding: 'utf8' });
    expect(names.filter(name => name.includes('.tmp.'))).toEqual([]);
  });

  it('keeps the journal for root alone', async () => {
    const tree = makeBerthTree();
    await tree.apply();
    expect(statSync(`${tree.root}/var/lib/berth/journal/0001.json`).mode & 0o777).toBe(0o600);
  });
});
