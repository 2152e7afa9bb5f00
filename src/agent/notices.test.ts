// Who is told of what, and how often, over a clock of passes.
import { describe, expect, it } from 'vitest';
import { cpuSet } from '#domain/id-set.ts';
import { vcpuIndex, vmId } from '#domain/ids.ts';
import { makeNotices } from './notices.ts';
import type { Pass } from './reconciler.ts';
import type { Repair } from './repair.ts';

const QUIET: Pass = { running: 1, repaired: [], problems: new Map(), isBusy: false };
const wrong = (problem: string): Pass => ({ ...QUIET, problems: new Map([[vmId(100), problem]]) });

function moved({ pid = 7, role = 'vcpu' as 'vcpu' | 'emulator' }): Pass {
  const thread = { tid: pid, comm: '', role: role === 'vcpu' ? { kind: role, index: vcpuIndex(0) } : { kind: role } };
  const repair = { kind: 'threads', vmid: vmId(100), pid, threads: [{ thread, after: cpuSet([1]) }] };
  return { ...QUIET, repaired: [repair as unknown as Repair] };
}

const MINUTE = 60_000;

describe('makeNotices()', () => {
  it('tells of a problem that has stood for a minute, once', () => {
    const notices = makeNotices();
    expect(notices(wrong('no'), 0)).toEqual([]);
    expect(notices(wrong('no'), MINUTE - 1)).toEqual([]);
    expect(notices(wrong('no, really'), MINUTE)).toEqual([{ kind: 'problem', vmid: 100, problem: 'no, really' }]);
    expect(notices(wrong('no'), 3 * 60 * MINUTE)).toEqual([]);
  });

  it('tells nothing of one that goes away in time, and counts anew when it comes back', () => {
    const notices = makeNotices();
    notices(wrong('no'), 0);
    notices(QUIET, MINUTE - 1);
    expect(notices(wrong('no'), MINUTE)).toEqual([]);
    expect(notices(wrong('no'), 2 * MINUTE)).toHaveLength(1);
  });

  it('tells of a guest whose vCPUs are put back for the fourth time within ten minutes', () => {
    const notices = makeNotices();
    for (const at of [0, 1, 2]) expect(notices(moved({}), at * MINUTE)).toEqual([]);
    expect(notices(moved({}), 9 * MINUTE)).toEqual([{ kind: 'contested', vmid: 100, repairs: 4 }]);
  });

  it.each([
    { name: 'it takes longer than ten minutes', pass: () => moved({}), everyMs: 4 * MINUTE },
    { name: 'it was started again each time', pass: (n: number) => moved({ pid: n + 7 }), everyMs: MINUTE },
    { name: 'only its other threads move', pass: () => moved({ role: 'emulator' }), everyMs: MINUTE },
  ])('tells nothing when $name', ({ pass, everyMs }) => {
    const notices = makeNotices();
    const told = Array.from({ length: 12 }, (_, n) => notices(pass(n), n * everyMs));
    expect(told.flat()).toEqual([]);
  });

  it('tells at most once an hour, and forgets nothing meanwhile', () => {
    const notices = makeNotices();
    notices(wrong('no'), 0);
    expect(notices(wrong('no'), MINUTE)).toHaveLength(1);
    for (const at of [2, 3, 4, 5]) expect(notices(moved({}), at * MINUTE)).toEqual([]);
    expect(notices(QUIET, 61 * MINUTE)).toEqual([{ kind: 'contested', vmid: 100, repairs: 4 }]);
  });
});
