// Config changes through a stand-in `qm` that rewrites files as the real one does.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { vmId } from '#domain/ids.ts';
import type { StepRecord } from '#domain/journal.ts';
import type { ConfigEdit } from '#domain/plan.ts';
import { type BerthTree, configPath, makeBerthTree } from '#fixtures/berth-tree.ts';
import { installStandInQm } from '#fixtures/install-stand-in-qm.ts';
import { applyQm, qmState } from './qm-step.ts';
import { inverseOf } from './steps.ts';

const scratch = mkdtempSync(join(tmpdir(), 'berth-qm-'));
let qm = '';

beforeAll(async () => {
  qm = await installStandInQm(scratch);
});
afterEach(() => {
  delete process.env.STAND_IN_ETC_PVE;
  delete process.env.STAND_IN_RUN;
});
afterAll(() => rmSync(scratch, { recursive: true }));

const PATH = '/etc/pve/nodes/pve1/qemu-server/500.conf';
const IDENTITY = 'smbios1: uuid=3f0a6c52-94d1-4b7e-8d1c-6a25e7c9b014\n';

type QmRecord = Extract<StepRecord, { kind: 'qm' }>;

/** VM 500 with this config; `running` by the pid of this very process. */
function makeVm(config: string, { running = false } = {}): BerthTree {
  const tree = makeBerthTree({ [PATH.slice(1)]: config });
  process.env.STAND_IN_ETC_PVE = `${tree.root}/etc/pve`;
  process.env.STAND_IN_RUN = `${tree.root}/stand-in`;
  mkdirSync(`${tree.root}/stand-in/qemu-server`, { recursive: true });
  if (running) writeFileSync(`${tree.root}/stand-in/qemu-server/500.pid`, `${process.pid}\n`);
  return tree;
}

const recordOf = (tree: BerthTree, edits: readonly ConfigEdit[]): QmRecord => ({
  kind: 'qm',
  vmid: vmId(500),
  path: PATH,
  text: tree.host.read(PATH) ?? '',
  edits,
});

const step = (tree: BerthTree, record: StepRecord) => applyQm(record as QmRecord, { host: tree.host, qm });

const CONFIG = `cores: 4\nmemory: 4096\nnuma: 0\n${IDENTITY}`;
const EDITS: readonly ConfigEdit[] = [
  { key: 'affinity', before: null, after: '0-3' },
  { key: 'numa', before: '0', after: '1' },
  { key: 'numa0', before: null, after: 'cpus=0-3,memory=4096,hostnodes=0,policy=preferred' },
];

describe('applyQm() on a stopped VM', () => {
  it('sets values, and sets and deletes them back', async () => {
    const tree = makeVm(CONFIG);
    const record = recordOf(tree, EDITS);
    expect(qmState(record, tree.host)).toBe('before');
    await step(tree, record);
    expect(tree.host.read(PATH)).toBe(
      `affinity: 0-3\ncores: 4\nmemory: 4096\nnuma: 1\nnuma0: cpus=0-3,memory=4096,hostnodes=0,policy=preferred\n${IDENTITY}`,
    );
    expect(qmState(record, tree.host)).toBe('after');
    await step(tree, inverseOf(record));
    expect(tree.host.read(PATH)).toBe(CONFIG);
  });

  it('does nothing when the values are there already', async () => {
    const tree = makeVm(CONFIG);
    const before = tree.files();
    await step(tree, recordOf(tree, [{ key: 'numa', before: '1', after: '0' }]));
    expect(tree.files()).toEqual(before);
  });

  it('goes on from a state in which only some values are set', async () => {
    const tree = makeVm(`affinity: 0-3\n${CONFIG}`);
    const record = recordOf(tree, EDITS);
    expect(qmState(record, tree.host)).toBe('mixed');
    await step(tree, record);
    expect(qmState(record, tree.host)).toBe('after');
  });
});

describe('applyQm() on a running VM', () => {
  it('leaves values pending, and reverts them', async () => {
    const tree = makeVm(CONFIG, { running: true });
    const record = recordOf(tree, EDITS);
    await step(tree, record);
    expect(tree.host.read(PATH)).toBe(
      `${CONFIG}\n[PENDING]\naffinity: 0-3\nnuma: 1\nnuma0: cpus=0-3,memory=4096,hostnodes=0,policy=preferred\n`,
    );
    await step(tree, inverseOf(record));
    expect(tree.host.read(PATH)).toBe(CONFIG);
  });

  it('leaves a deletion pending, and reverts it', async () => {
    const config = `affinity: 4-7\n${CONFIG}`;
    const tree = makeVm(config, { running: true });
    const record = recordOf(tree, [{ key: 'affinity', before: '4-7', after: null }]);
    await step(tree, record);
    expect(tree.host.read(PATH)).toBe(`${config}\n[PENDING]\ndelete: affinity\n`);
    expect(qmState(record, tree.host)).toBe('after');
    await step(tree, inverseOf(record));
    expect(tree.host.read(PATH)).toBe(config);
  });

  it('puts a value that was pending before back as pending', async () => {
    const config = `affinity: 4-7\n${CONFIG}\n[PENDING]\naffinity: 8-9\n`;
    const tree = makeVm(config, { running: true });
    const record = recordOf(tree, [{ key: 'affinity', before: '8-9', after: '0-3' }]);
    await step(tree, record);
    expect(tree.host.read(PATH)).toBe(config.replace('8-9', '0-3'));
    await step(tree, inverseOf(record));
    expect(tree.host.read(PATH)).toBe(config);
  });

  it('puts back what was set when the VM was restarted in between', async () => {
    const tree = makeVm(CONFIG, { running: true });
    const record = recordOf(tree, EDITS);
    await step(tree, record);
    const [main = '', pending = ''] = (tree.host.read(PATH) ?? '').split('\n[PENDING]\n');
    tree.host.replaceFile(PATH, main.replace('numa: 0\n', '') + pending);
    await step(tree, inverseOf(record));
    expect(qmState(record, tree.host)).toBe('before');
  });
});

describe('applyQm() refuses', () => {
  it('a value that somebody else has changed', async () => {
    const tree = makeVm(`affinity: 9\n${CONFIG}`);
    const before = tree.files();
    await expect(step(tree, recordOf(tree, EDITS))).rejects.toThrow(
      'affinity of guest 500 is now 9, changed by somebody else; it was left as it is',
    );
    expect(tree.files()).toEqual(before);
  });

  it('a file that changed under its hands: the digest says so', async () => {
    const tree = makeVm(CONFIG);
    const record = recordOf(tree, EDITS);
    // What the step reads is not what `qm` finds.
    const host = { ...tree.host, read: (path: string) => (path === PATH ? CONFIG : tree.host.read(path)) };
    tree.host.replaceFile(PATH, `${CONFIG}onboot: 1\n`);
    await expect(applyQm(record, { host, qm })).rejects.toThrow('checksum mismatch (file change by other user?)');
    expect(tree.host.read(PATH)).toBe(`${CONFIG}onboot: 1\n`);
  });

  it('a VM that Proxmox has locked, in the words of qm', async () => {
    const tree = makeVm(`${CONFIG}lock: backup\n`);
    await expect(step(tree, recordOf(tree, EDITS))).rejects.toThrow('VM is locked (backup)');
  });

  it('a VM that is there no more', async () => {
    const tree = makeVm(CONFIG);
    const record = recordOf(tree, EDITS);
    tree.host.replaceFile(PATH, null);
    expect(qmState(record, tree.host)).toBe('gone');
    await expect(step(tree, record)).rejects.toMatchObject({ reason: 'gone' });
  });

  it('to believe a qm that only says that it worked', async () => {
    const tree = makeVm(CONFIG);
    await expect(applyQm(recordOf(tree, EDITS), { host: tree.host, qm: '/bin/true' })).rejects.toThrow(
      'qm set reported success, but affinity of guest 500 is unset',
    );
  });

  it('without qm', async () => {
    const tree = makeVm(CONFIG);
    await expect(applyQm(recordOf(tree, EDITS), { host: tree.host, qm: null })).rejects.toThrow('There is no qm');
  });
});

describe('applyPlan() and undoEntry() through qm', () => {
  it('make the plan true and put every value back', async () => {
    const tree = makeVm(CONFIG);
    // The captured VMs' own pids mean nothing to the stand-in.
    for (const { vmid, runtime } of (await tree.state()).inventory.guests) {
      if (runtime !== null) writeFileSync(`${tree.root}/stand-in/qemu-server/${vmid}.pid`, `${process.pid}\n`);
    }
    const context = { host: tree.host, qm };
    const valuesBefore = await rawValues(tree);
    const result = await tree.apply(await tree.plan('qm'), { context });
    expect(result).toMatchObject({ kind: 'ran', entry: { state: 'done' } });
    expect((await tree.verify()).guests.filter(({ state }) => state === 'deviates')).toEqual([]);
    expect(await tree.apply(await tree.plan('qm'), { context })).toEqual({ kind: 'nothing' });
    expect(tree.host.read(configPath(101))).not.toContain('affinity0');
    expect(await tree.undo(null, { context })).toMatchObject({ state: 'done' });
    expect(await rawValues(tree)).toEqual(valuesBefore);
  });
});

async function rawValues(tree: BerthTree): Promise<unknown> {
  const { inventory } = await tree.state();
  return inventory.guests.map(({ vmid, raw, pending }) => ({ vmid, raw, pending }));
}
