// Processes in a VM's scope beside QEMU.
import { describe, expect, it } from 'vitest';
import { vmId } from '#domain/ids.ts';
import { makeTemporaryTree } from '#fixtures/temporary-tree.ts';
import { openHost } from './open-host.ts';
import { helperPids, readHelpers } from './read-helpers.ts';

const STAT = `900 (swtpm) S ${Array.from({ length: 49 }, (_, index) => (index === 18 ? 77 : 3)).join(' ')}`;
const task = (mask: string) => ({ stat: STAT, status: `Name:\tswtpm\nCpus_allowed_list:\t${mask}\n` });

function hostWith(procs: string, masks: Readonly<Record<string, string>> = {}) {
  const files: Record<string, string> = { 'sys/fs/cgroup/qemu.slice/100.scope/cgroup.procs': procs };
  if (Object.keys(masks).length > 0) files['proc/900/stat'] = STAT;
  for (const [tid, mask] of Object.entries(masks)) {
    for (const [name, text] of Object.entries(task(mask))) files[`proc/900/task/${tid}/${name}`] = text;
  }
  return openHost(makeTemporaryTree(files));
}

const pids = (procs: string) => helperPids(hostWith(procs), vmId(100), 4242);

describe('helperPids()', () => {
  it.each<[string, readonly number[]]>([
    ['4242\n', []],
    ['', []],
    ['4242\n900\n37\n', [37, 900]],
    // Processes of other PID namespaces are shown as 0.
    ['0\n4242\n', []],
    ['junk\n-3\n4242\n', []],
  ])('of %j', (procs, expected) => {
    expect(pids(procs)).toEqual(expected);
  });

  it('are none without a scope', () => {
    expect(helperPids(hostWith('900\n'), vmId(101), 1)).toEqual([]);
  });
});

describe('readHelpers()', () => {
  it('takes every thread for an emulator thread', () => {
    const helpers = readHelpers(hostWith('4242\n900\n', { 900: '0-3', 901: '2' }), vmId(100), 4242);
    expect(helpers).toMatchObject([{ pid: 900, name: 'swtpm', startTime: 77 }]);
    expect(helpers[0]?.threads.map(({ tid, role, allowed }) => [tid, role.kind, allowed.ids])).toEqual([
      [900, 'emulator', [0, 1, 2, 3]],
      [901, 'emulator', [2]],
    ]);
  });

  it('leaves out one that has ended', () => {
    expect(readHelpers(hostWith('4242\n900\n'), vmId(100), 4242)).toEqual([]);
  });
});
