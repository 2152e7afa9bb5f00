// Plans, infeasible requests, verdicts and journals as people read them.
import { describe, expect, it } from 'vitest';
import { cpuSet } from '#domain/id-set.ts';
import { vmId } from '#domain/ids.ts';
import type { JournalEntry } from '#domain/journal.ts';
import type { Change, Infeasible } from '#domain/plan.ts';
import { renderChanges } from './changes-text.ts';
import { renderInfeasible } from './infeasible-text.ts';
import { renderEntry, renderHistory } from './journal-text.ts';
import { makePaint } from './paint.ts';

const plain = makePaint(false);
const vmid = vmId(101);

describe('renderChanges()', () => {
  it('shows a config edit as a diff, with what else Proxmox will do to the file', () => {
    const change: Change = {
      kind: 'config',
      vmid,
      guestKind: 'vm',
      path: '/etc/pve/nodes/pve/qemu-server/101.conf',
      edits: [
        { key: 'affinity', before: '0-3', after: '4-7' },
        { key: 'numa0', before: 'cpus=0', after: null },
      ],
      section: 'pending',
      rewrites: [{ line: 3, before: 'affinity0: 0', after: null }],
    };
    expect(renderChanges([change], plain)).toEqual([
      '1 change',
      '  /etc/pve/nodes/pve/qemu-server/101.conf, for its next start',
      '    - affinity: 0-3',
      '    + affinity: 4-7',
      '    - numa0: cpus=0',
      '    ! line 3 "affinity0: 0" will be dropped when Proxmox rewrites the file',
    ]);
  });

  it('puts threads with the same move on one line, vCPUs first', () => {
    const everywhere = cpuSet([0, 1, 2, 3]);
    const change: Change = {
      kind: 'threads',
      vmid,
      pid: 10,
      startTime: 1,
      threads: [
        { tid: 10, role: { kind: 'emulator' }, before: everywhere, after: cpuSet([0]) },
        { tid: 11, role: { kind: 'vcpu', index: 0 as never }, before: everywhere, after: cpuSet([2]) },
        { tid: 12, role: { kind: 'vcpu', index: 1 as never }, before: everywhere, after: cpuSet([2]) },
        { tid: 13, role: { kind: 'emulator' }, before: everywhere, after: cpuSet([0]) },
      ],
    };
    expect(renderChanges([change], plain)).toEqual([
      '1 change',
      '  VM 101, live threads',
      '    vCPUs 0-1: 0-3 → 2',
      '    2 emulator threads: 0-3 → 0',
    ]);
  });

  it('says that a container inherits its CPUs until now', () => {
    const change: Change = { kind: 'cpuset', vmid, before: cpuSet(), after: cpuSet([1, 2]) };
    expect(renderChanges([change], plain)[1]).toBe('  container 101, live cpuset inherited → 1-2');
  });

  it('says that nothing needs to change', () => {
    expect(renderChanges([], plain)).toEqual(['Nothing needs to change on the host.']);
  });
});

describe('renderInfeasible()', () => {
  const result: Infeasible = {
    kind: 'infeasible',
    node: 'pve',
    conflict: [{ vmid, class: 'dedicated', vcpus: 8, cores: 8, memoryMiB: 24_576 }],
    available: { cores: 4, cpus: cpuSet([1, 2, 3, 4]), nodeMiB: new Map([[0 as never, 10_240]]) },
    proved: true,
    lack: 'cores',
  };

  it('names the request, what there is, and what could be given up', () => {
    expect(renderInfeasible(result, plain)).toBe(
      [
        'There is no plan: this request cannot be met.',
        '  101: dedicated, 8 vCPUs, 8 whole cores, 24 GiB',
        'There is: 4 cores, CPUs 1-4; memory node 0 10 GiB.',
        'There are too few cores. Make one of them confined or shared, use "smt: any" instead of "isolate", or keep fewer cores for the host (host.housekeeping.coresPerNode).',
        'Nothing was changed.',
        '',
      ].join('\n'),
    );
  });

  it('does not claim a proof that there is none', () => {
    expect(renderInfeasible({ ...result, proved: false }, plain)).toMatch(
      /^No plan was found, though there may be one/,
    );
  });
});

describe('renderEntry() and renderHistory()', () => {
  const record = { kind: 'file', vmid, path: '/x', before: 'a', after: 'b', config: null } as const;
  const entry: JournalEntry = {
    id: '0003',
    action: 'apply',
    undoes: null,
    node: 'pve',
    startedAt: '2026-01-01T00:00:00.000Z',
    finishedAt: null,
    state: 'stopped',
    steps: [
      { record, state: 'done', error: null },
      { record, state: 'failed', error: 'no space' },
      { record, state: 'not-tried', error: null },
    ],
  };

  it('says what was done, what failed and why, and what was not tried', () => {
    expect(renderEntry(entry, plain)).toBe(
      [
        '✗ Apply 0003: 1 done, 1 failed, 1 not tried',
        '  failed config of guest 101: no space',
        '  not tried config of guest 101',
        '',
      ].join('\n'),
    );
  });

  it('marks what was undone', () => {
    const undo: JournalEntry = { ...entry, id: '0004', action: 'undo', undoes: '0003', state: 'done' };
    const [first, second] = renderHistory([entry, undo], plain).split('\n');
    expect(first).toContain('apply  stopped, undone');
    expect(second).toContain('undo of 0003  done');
  });
});
