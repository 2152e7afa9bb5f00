// The commands of a move: what goes out of the config first, and what comes after.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cpuSet, nodeSet } from '#domain/id-set.ts';
import type { MoveCode, MoveFinding, MoveMoment } from '#domain/move.ts';
import type { GuestPlacement } from '#domain/placement.ts';
import { makeContainer, makeVm, makeVmRuntime } from '#fixtures/make-inventory.ts';
import { makeTemporaryTree } from '#fixtures/temporary-tree.ts';
import { type MoveStepsInput, makeMoveSteps } from './make-move-steps.ts';

const found = (code: MoveCode, effect: MoveFinding['effect'] = 'unnoticed', at: MoveMoment = 'arrival') =>
  ({ code, effect, at }) as MoveFinding;

const stepsOf = (input: Partial<MoveStepsInput> & Pick<MoveStepsInput, 'guest'>) =>
  makeMoveSteps({
    ...{ node: 'pve1', target: 'pve2', findings: [], placed: null, isPlacedThere: false, isHaManaged: false },
    ...input,
  }).map(({ reason, node, command }) => `${reason} ${node}: ${command.join(' ')}`);

const values = {
  affinity: '8-11',
  numa: '1',
  numa0: 'cpus=0-3,memory=2048,hostnodes=1,policy=bind',
};
const vm = (more: Parameters<typeof makeVm>[2] = {}, raw: Readonly<Record<string, string>> = values) =>
  makeVm(100, 4, { raw: new Map(Object.entries(raw)), ...more });
const runtime = makeVmRuntime(4, [8, 9, 10, 11]);

const placed: GuestPlacement = {
  ...{ vmid: vm().vmid, kind: 'vm', identity: vm().identity, class: 'dedicated', smt: 'isolate' },
  ...{ vcpus: [8, 9, 10, 11].map(cpu => cpuSet([cpu])), emulator: cpuSet([0]), affinity: cpuSet([0, 8, 9, 10, 11]) },
  ...{
    nodes: nodeSet([1]),
    memory: null,
    found: new Map([
      ['affinity', null],
      ['numa', '1'],
      ['numa0', null],
    ]),
  },
};

describe('makeMoveSteps()', () => {
  it('only moves what is right as it is', () => {
    expect(stepsOf({ guest: vm() })).toEqual(['move pve1: qm migrate 100 pve2']);
    expect(stepsOf({ guest: vm({ runtime }), isPlacedThere: true })).toEqual([
      'move pve1: qm migrate 100 pve2 --online',
      'place-there pve2: berth apply',
    ]);
  });

  it('takes pins and host nodes out of a stopped guest, and says how they come back', () => {
    const findings = [found('affinity-absent', 'stops'), found('host-nodes-absent', 'stops')];
    expect(stepsOf({ guest: vm(), findings })).toEqual([
      'take-away pve1: qm set 100 --numa0 cpus=0-3,memory=2048 --delete affinity',
      'move pve1: qm migrate 100 pve2',
      'put-back pve1: qm set 100 --affinity 8-11 --numa 1 --numa0 cpus=0-3,memory=2048,hostnodes=1,policy=bind',
    ]);
  });

  it('leaves to berth there what it writes anew before the guest starts', () => {
    expect(stepsOf({ guest: vm(), findings: [found('pins-elsewhere')], isPlacedThere: true })).toEqual([
      'move pve1: qm migrate 100 pve2',
      'place-there pve2: berth apply',
    ]);
  });

  it('edits the main section of a running guest, because qm reaches only what is pending', () => {
    const findings = [found('pins-elsewhere'), found('memory-apart')];
    const steps = stepsOf({ guest: vm({ runtime }), findings });
    expect(steps.map(step => step.split(':')[0])).toEqual([
      'take-away pve1',
      'take-away pve1',
      'move pve1',
      'put-back pve1',
    ]);
    expect(steps[0]).toContain('sed -i');
    expect(steps[2]).toContain('--online');
  });

  it('gives a placed guest its own values back first, and frees its CPUs afterwards', () => {
    expect(stepsOf({ guest: vm(), placed, isPlacedThere: true })).toEqual([
      'give-back-own pve1: qm set 100 --delete affinity,numa0',
      'move pve1: qm migrate 100 pve2',
      'place-there pve2: berth apply',
      'free-here pve1: berth apply',
      'put-back pve1: berth apply',
    ]);
    const pending = new Map([['affinity', '0,8-11']]);
    expect(stepsOf({ guest: vm({ runtime, pending }, {}), placed })[0]).toBe(
      'revert-pending pve1: qm set 100 --revert affinity',
    );
  });

  it('leaves pending values alone that are good there', () => {
    const guest = vm({ runtime, pending: new Map([['affinity', '1-4']]) });
    expect(stepsOf({ guest })).toEqual(['move pve1: qm migrate 100 pve2 --online']);
    const findings = [found('affinity-absent', 'stops', 'next-start')];
    expect(stepsOf({ guest, findings })[0]).toContain('--revert affinity');
  });

  it('stops a guest for passthrough, and starts it there after it was placed', () => {
    const guest = vm({ runtime }, { hostpci0: '01:00' });
    const findings = [found('passthrough-running', 'stops')];
    expect(stepsOf({ guest, findings, isPlacedThere: true })).toEqual([
      'shut-down pve1: qm shutdown 100',
      'move pve1: qm migrate 100 pve2 --force',
      'place-there pve2: berth apply',
      'start-there pve2: qm start 100',
    ]);
  });

  it('stops a guest with hugepages on host nodes that are not there: these cannot be taken away', () => {
    const guest = vm({ runtime, hugepages: '2' });
    const steps = stepsOf({ guest, findings: [found('host-nodes-absent', 'stops')], isPlacedThere: true });
    expect(steps.map(step => step.split(' ')[0])).toEqual(['shut-down', 'move', 'place-there', 'start-there']);
  });

  it('asks the high-availability manager where that has the guest', () => {
    expect(stepsOf({ guest: vm(), isHaManaged: true })).toEqual(['move pve1: ha-manager migrate vm:100 pve2']);
    const container = makeContainer(200, 2);
    expect(stepsOf({ guest: container, isHaManaged: true })).toEqual(['move pve1: ha-manager migrate ct:200 pve2']);
  });

  it('moves a running container by a restart', () => {
    const cpuset = cpuSet([8]);
    const guest = makeContainer(200, 1, {
      raw: new Map([['lxc.cgroup2.cpuset.cpus', '8']]),
      cpuset,
      runtime: { cpuset, effective: cpuset },
    });
    const steps = stepsOf({ guest, findings: [found('container-cpus-absent', 'stops')] });
    expect(steps[0]).toMatch(/^take-away pve1: sed -i .*lxc\\\.cgroup2\\\.cpuset\\\.cpus/);
    expect(steps[1]).toBe('move pve1: pct migrate 200 pve2 --restart');
  });

  it.each(['device-absent', 'hookscript-absent', 'vcpus-over-cpus', 'ha-elsewhere'] as const)(
    'has no commands against %s',
    code => {
      expect(stepsOf({ guest: vm(), findings: [found(code, 'stops')] })).toEqual([]);
    },
  );

  it('writes commands that change the main section alone', () => {
    const text =
      'affinity: 8-11\ncores: 4\nnuma0: cpus=0-3,memory=2048,hostnodes=1,policy=bind\n\n[PENDING]\naffinity: 3\n';
    const root = makeTemporaryTree({ '100.conf': text });
    const file = join(root, '100.conf');
    const guest = vm({ runtime, configPath: file });
    const steps = makeMoveSteps({
      ...{ guest, node: 'pve1', target: 'pve2', placed: null, isPlacedThere: false, isHaManaged: false },
      findings: [found('pins-elsewhere'), found('memory-apart')],
    });
    for (const { command } of steps.filter(({ reason }) => reason === 'take-away')) {
      const [program = '', ...args] = command;
      execFileSync(program, args);
    }
    expect(readFileSync(file, 'latin1')).toBe('cores: 4\nnuma0: cpus=0-3,memory=2048\n\n[PENDING]\naffinity: 3\n');
  });
});
