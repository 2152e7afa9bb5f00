// Fixes on real files: journalled, undone, refused when the host changed, through `qm` where Proxmox has a command.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { examineHost } from '#doctor/examine-host.ts';
import { makeFixes } from '#doctor/make-fixes.ts';
import type { JournalEntry } from '#domain/journal.ts';
import { type BerthTree, configPath, makeBerthTree } from '#fixtures/berth-tree.ts';
import { installStandInQm } from '#fixtures/install-stand-in-qm.ts';
import { readDoctorView } from '#host/read-doctor-view.ts';
import { NO_POLICY } from '#policy/parse-policy.ts';
import { applyFixes, type FixOptions } from './apply-fixes.ts';

const scratch = mkdtempSync(join(tmpdir(), 'berth-fixes-'));
let qm = '';

beforeAll(async () => {
  qm = await installStandInQm(scratch);
});
afterEach(() => {
  delete process.env.STAND_IN_ETC_PVE;
  delete process.env.STAND_IN_RUN;
});
afterAll(() => rmSync(scratch, { recursive: true }));

const PATH = configPath(190);
const CONFIG = 'affinity0: 3\ncores: 2\naffinity: 0\n# a comment\nmemory: 512\n';
const FIXED = 'cores: 2\n# a comment\nmemory: 512\n';

/** Fixes VM 190, after `meanwhile`; the guests of the demo host are left alone. */
async function fix(
  tree: BerthTree,
  { through = null, meanwhile = () => {} }: { through?: string | null; meanwhile?: () => void } = {},
): Promise<JournalEntry> {
  const { inventory, wishes } = await tree.state();
  const view = readDoctorView(tree.host, { inventory, wishes, policy: NO_POLICY });
  const findings = examineHost(view).filter(({ subject }) => subject === 190);
  const { changes } = makeFixes(findings, view, through === null ? 'file' : 'qm');
  meanwhile();
  const options: FixOptions = {
    context: { host: tree.host, qm: through },
    shown: inventory,
    readInventory: async () => (await tree.state()).inventory,
    now: () => new Date(0),
  };
  return applyFixes(changes, options);
}

describe('applyFixes()', () => {
  it('changes the lines and no others, in a journal entry of its own', async () => {
    const tree = makeBerthTree({ [PATH.slice(1)]: CONFIG });
    const before = tree.files();
    const entry = await fix(tree);
    expect(entry).toMatchObject({ id: '0001', action: 'apply', undoes: null, state: 'done' });
    expect(entry.steps.map(({ state }) => state)).toEqual(['done', 'done']);
    expect(tree.files()).toEqual(new Map([...before, [PATH, FIXED]]));
  });

  it('is undone as any apply, byte for byte where nobody else wrote', async () => {
    const tree = makeBerthTree({ [PATH.slice(1)]: CONFIG.replace('affinity0: 3\n', '') });
    const before = tree.files();
    await fix(tree);
    expect(await tree.undo()).toMatchObject({ undoes: '0001', state: 'done' });
    expect(tree.files()).toEqual(before);
  });

  it('puts back two steps on one file, byte for byte', async () => {
    const tree = makeBerthTree({ [PATH.slice(1)]: CONFIG });
    await fix(tree);
    expect(await tree.undo()).toMatchObject({ state: 'done' });
    expect(tree.host.read(PATH)).toBe(CONFIG);
  });

  it('keeps what somebody wrote after the fix when it is undone', async () => {
    const tree = makeBerthTree({ [PATH.slice(1)]: 'cores: 2\naffinity: 0\n' });
    await fix(tree);
    tree.edit(PATH, 'cores: 2', 'cores: 4');
    expect(await tree.undo()).toMatchObject({ state: 'done' });
    expect(tree.host.read(PATH)).toBe('cores: 4\naffinity: 0\n');
  });

  it.each([
    [
      'the config was edited',
      (tree: BerthTree) => tree.edit(PATH, 'cores: 2', 'cores: 4'),
      'config of guest 190 was edited',
    ],
    ['the guest is gone', (tree: BerthTree) => tree.host.replaceFile(PATH, null), 'guest 190 is gone'],
  ])('refuses when %s', async (_, change, reason) => {
    const tree = makeBerthTree({ [PATH.slice(1)]: CONFIG });
    await expect(fix(tree, { meanwhile: () => change(tree) })).rejects.toThrow(reason);
    expect(tree.host.list('/var/lib/berth/journal')).toEqual([]);
  });

  it('does not mind that another guest changed', async () => {
    const tree = makeBerthTree({ [PATH.slice(1)]: CONFIG });
    const meanwhile = () => tree.edit(configPath(102), /^memory: .*$/m, 'memory: 1024');
    expect(await fix(tree, { meanwhile })).toMatchObject({ state: 'done' });
  });

  it('goes through qm for what qm can do, and takes unknown keys out of the file before', async () => {
    const tree = makeBerthTree({ [PATH.slice(1)]: CONFIG });
    process.env.STAND_IN_ETC_PVE = `${tree.root}/etc/pve`;
    process.env.STAND_IN_RUN = `${tree.root}/stand-in`;
    mkdirSync(`${tree.root}/stand-in/qemu-server`, { recursive: true });
    const entry = await fix(tree, { through: qm });
    expect(entry.steps.map(({ record: { kind }, state }) => `${kind} ${state}`)).toEqual(['file done', 'qm done']);
    expect(tree.host.read(PATH)).not.toContain('affinity');
    const undone = await tree.undo(null, { context: { host: tree.host, qm } });
    expect(undone.state).toBe('done');
    expect(tree.host.read(PATH)).toMatch(/^affinity: 0$/m);
    expect(tree.host.read(PATH)).toMatch(/^affinity0: 3$/m);
  });
});
