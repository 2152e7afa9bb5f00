// Placements against what the kernel shows: one deviation at a time, and the finding that names it.
import { describe, expect, it } from 'vitest';
import type { Finding } from '#domain/finding.ts';
import type { ContainerGuest, Guest, GuestThread, VmGuest, VmRuntime } from '#domain/guest.ts';
import { cpuSet, nodeSet } from '#domain/id-set.ts';
import { numaNodeId, vmId } from '#domain/ids.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { Task } from '#domain/task.ts';
import { makeContainer, makeInventory, makeVm, makeVmRuntime } from '#fixtures/make-inventory.ts';
import { afterApply, feasiblePlan } from '#fixtures/random-host.ts';
import { shapes } from '#fixtures/shapes.ts';
import { verifyPlacement } from './verify-placement.ts';

const ONLINE = Array.from({ length: 32 }, (_, id) => id);
const running = (pid: number, vcpus: number) => makeVmRuntime(vcpus, ONLINE, { pid });
const inContainer = { cpuset: cpuSet(ONLINE), effective: cpuSet(ONLINE) };

/** VM 100 has CPUs 1-2 with siblings 17-18, 101 is confined, 102 shared, container 200 shared, container 201 dedicated. */
const PLANNED = (() => {
  const before = makeInventory(shapes.article, [
    makeVm(100, 2, { runtime: running(1000, 2) }),
    makeVm(101, 4, { runtime: running(2000, 4) }),
    makeVm(102, 2, { runtime: running(3000, 2) }),
    makeContainer(200, 2, { runtime: inContainer }),
    makeContainer(201, 1, { runtime: inContainer }),
  ]);
  const wishes = {
    100: { class: 'dedicated', smt: 'isolate' },
    101: { class: 'confined' },
    201: { class: 'dedicated' },
  } as const;
  const made = feasiblePlan(before, wishes, 1);
  return { inventory: afterApply(before, made), placement: made.placement };
})();

const guestIn = (inventory: Inventory, vmid: number): Guest => {
  const guest = inventory.guests.find(candidate => candidate.vmid === vmid);
  if (!guest) throw new Error(`there is no guest ${vmid}`);
  return guest;
};

function withGuest(change: (guest: Guest) => Guest, vmid: number): Inventory {
  const { inventory } = PLANNED;
  return { ...inventory, guests: inventory.guests.map(guest => (guest.vmid === vmid ? change(guest) : guest)) };
}

const withRuntime = (vmid: number, change: (runtime: VmRuntime) => VmRuntime | null): Inventory =>
  withGuest(guest => {
    const vm = guest as VmGuest;
    return { ...vm, runtime: vm.runtime && change(vm.runtime) };
  }, vmid);

/** `at` counts from 0: the emulator thread, then the vCPUs. */
const withThread = (vmid: number, at: number, change: Partial<GuestThread>): Inventory =>
  withRuntime(vmid, runtime => ({
    ...runtime,
    threads: runtime.threads.map((thread, index) => (index === at ? { ...thread, ...change } : thread)),
  }));

const ownOf201 = PLANNED.placement.guests.find(({ vmid }) => vmid === 201)?.affinity ?? cpuSet();

const withContainer = (vmid: number, cpus: number[]): Inventory =>
  withGuest(
    guest => ({ ...(guest as ContainerGuest), runtime: { cpuset: cpuSet(cpus), effective: cpuSet(cpus) } }),
    vmid,
  );

const cpuset = (cgroup: string, cpus: readonly number[]) => ({ cgroup, effective: cpuSet(cpus) });

const withMemory = (held: Record<number, number> | null): Inventory =>
  withRuntime(100, runtime => ({
    ...runtime,
    residentMiB: held && new Map(Object.entries(held).map(([node, mib]) => [numaNodeId(Number(node)), mib])),
  }));

const newcomer = (guest: Guest): Inventory => ({
  ...PLANNED.inventory,
  guests: [...PLANNED.inventory.guests, guest],
});

function verify(inventory: Inventory, { tasks = [], only = null }: { tasks?: Task[]; only?: number[] | null } = {}) {
  const { placement } = PLANNED;
  return verifyPlacement({ inventory, placement, tasks, only: only && new Set(only.map(vmId)) });
}
const stateOf = (inventory: Inventory, vmid: number) =>
  verify(inventory).guests.find(guest => guest.vmid === vmid)?.state;

describe('verifyPlacement()', () => {
  it('finds nothing wrong where everything is in force', () => {
    const report = verify(PLANNED.inventory);
    expect(report.findings).toEqual([]);
    expect(report.guests.map(({ vmid, state, threadsChecked }) => [vmid, state, threadsChecked])).toEqual([
      [100, 'inForce', 3],
      [101, 'inForce', 5],
      [102, 'inForce', 3],
      [200, 'inForce', 0],
      [201, 'inForce', 0],
    ]);
  });

  it.each<[string, Inventory, number, Finding]>([
    [
      'a vCPU that may run elsewhere',
      withThread(100, 1, { allowed: cpuSet([1, 9]) }),
      100,
      {
        code: 'vcpu-mask',
        severity: 'error',
        ...vm(100),
        vcpu: 0,
        tid: 1001,
        allowed: cpuSet([1, 9]),
        wanted: cpuSet([1]),
        takenBy: null,
      },
    ],
    [
      'an emulator thread on a vCPU of its guest',
      withThread(100, 0, { allowed: cpuSet([1]) }),
      100,
      {
        ...{ code: 'thread-mask', severity: 'error', ...vm(100), thread: 'emulator thread "kvm"', tid: 1000 },
        ...{ allowed: cpuSet([1]), wanted: cpuSet([0, 16]), takenBy: null },
      },
    ],
    [
      'an iothread that may run everywhere',
      withThread(100, 0, { role: { kind: 'iothread', id: 'iothread0' }, allowed: cpuSet(ONLINE) }),
      100,
      {
        ...{ code: 'thread-mask', severity: 'error', ...vm(100), thread: 'iothread iothread0', tid: 1000 },
        ...{ allowed: cpuSet(ONLINE), wanted: cpuSet([0, 16]), takenBy: null },
      },
    ],
    [
      'a vCPU without a thread',
      withRuntime(100, runtime => ({ ...runtime, threads: runtime.threads.slice(0, -1) })),
      100,
      { code: 'vcpu-missing', severity: 'warning', ...vm(100), vcpu: 1 },
    ],
    [
      'a shared VM on dedicated CPUs',
      withThread(102, 2, { allowed: cpuSet([2, 9, 18]) }),
      102,
      {
        code: 'guest-intrudes',
        severity: 'error',
        ...vm(102),
        thread: 'vCPU 1',
        cpus: cpuSet([2, 18]),
        owner: vmId(100),
      },
    ],
    [
      'a shared container on dedicated CPUs',
      withContainer(200, [1, 9]),
      200,
      {
        code: 'guest-intrudes',
        severity: 'error',
        ...vm(200),
        thread: 'container',
        cpus: cpuSet([1]),
        owner: vmId(100),
      },
    ],
    [
      'a dedicated container elsewhere',
      withContainer(201, [9, 10]),
      201,
      {
        ...{ code: 'container-cpuset', severity: 'error', ...vm(201), cpuset: cpuSet([9, 10]) },
        wanted: ownOf201,
        isTaken: false,
      },
    ],
    [
      'a dedicated container whose cgroup asks for what it does not get',
      withGuest(
        guest => ({ ...(guest as ContainerGuest), runtime: { cpuset: ownOf201, effective: cpuSet([9]) } }),
        201,
      ),
      201,
      {
        ...{ code: 'container-cpuset', severity: 'error', ...vm(201), cpuset: cpuSet([9]) },
        wanted: ownOf201,
        isTaken: true,
      },
    ],
    [
      'a value that somebody changed',
      withGuest(guest => ({ ...guest, raw: new Map([...guest.raw, ['affinity', '0-31']]) }), 100),
      100,
      { code: 'config-drift', severity: 'warning', ...vm(100), key: 'affinity', found: '0-31', wanted: '0-2,16' },
    ],
    [
      'a silent QEMU',
      withRuntime(100, runtime => ({ ...runtime, threads: [], unreadable: 'no answer' })),
      100,
      { code: 'guest-unread', severity: 'error', ...vm(100), reason: 'no answer' },
    ],
  ])('names %s', (_, inventory, vmid, expected) => {
    const report = verify(inventory);
    expect(report.findings).toContainEqual(expected);
    expect(report.findings.every(({ code }) => code === expected.code)).toBe(true);
    expect(report.guests.find(guest => guest.vmid === vmid)?.state).toBe('deviates');
  });

  it.each([
    ['a partition', [cpuset('', [0, 2, 3]), cpuset('qemu.slice', [0, 2, 3])], ''],
    [
      'the slice',
      [cpuset('', ONLINE), cpuset('qemu.slice', [0, 16]), cpuset('qemu.slice/100.scope', [0])],
      'qemu.slice',
    ],
    ['nobody', [cpuset('', ONLINE), cpuset('qemu.slice', [0, 1, 2, 16])], null],
  ])('says of a vCPU that is elsewhere who has taken its CPU: %s', (_, cpusets, takenBy) => {
    const inventory = withRuntime(100, runtime => ({
      ...runtime,
      cpusets,
      threads: runtime.threads.map((thread, at) => (at === 1 ? { ...thread, allowed: cpuSet([0]) } : thread)),
    }));
    expect(verify(inventory).findings).toMatchObject([{ code: 'vcpu-mask', vcpu: 0, takenBy }]);
  });

  it('only notes a vCPU that has not run since it was pinned', () => {
    const inventory = withThread(100, 1, { lastCpu: 30 });
    expect(verify(inventory).findings).toMatchObject([{ code: 'vcpu-elsewhere', severity: 'note', vcpus: [0] }]);
    expect(stateOf(inventory, 100)).toBe('inForce');
  });

  it.each([
    ['a guest that is gone', { ...PLANNED.inventory, guests: PLANNED.inventory.guests.slice(1) }, 'guest-gone'],
    [
      'a VMID that was reused',
      withGuest(guest => ({ ...guest, identity: { uuid: 'other', vmgenid: null, createdAt: null } }), 100),
      'guest-identity',
    ],
    ['a VM that has become a container', withGuest(() => makeContainer(100, 2), 100), 'guest-gone'],
  ] as const)('says of %s that its placement does not hold', (_, inventory, code) => {
    expect(verify(inventory).findings[0]).toEqual({ code, severity: 'warning', vmid: 100 });
    expect(stateOf(inventory, 100)).toBe('gone');
  });

  it('knows no masks of a VM that is stopped', () => {
    const inventory = withRuntime(100, () => null);
    expect(verify(inventory).findings).toEqual([]);
    expect(stateOf(inventory, 100)).toBe('stopped');
  });

  it('names CPUs that went offline', () => {
    const { topology } = PLANNED.inventory;
    const online = topology.online.difference(cpuSet([2]));
    const inventory = { ...PLANNED.inventory, topology: { ...topology, online } };
    expect(verify(inventory).findings).toContainEqual({
      ...{ code: 'cpu-went-offline', severity: 'error', vmid: 100 },
      cpus: cpuSet([2]),
    });
  });
});

describe('verifyPlacement() on memory', () => {
  it.each([
    ['all on its node', { 0: 2000 }, false],
    ['128 MiB elsewhere', { 0: 1000, 1: 128 }, false],
    ['129 MiB elsewhere', { 0: 1000, 1: 129 }, true],
    ['5 % of much elsewhere', { 0: 9500, 1: 500 }, false],
    ['more than 5 % of much elsewhere', { 0: 9400, 1: 600 }, true],
    ['nothing resident yet', {}, false],
  ] as const)('takes %s for what it is', (_, held, isWrong) => {
    const codes = verify(withMemory(held)).findings.map(({ code }) => code);
    expect(codes).toEqual(isWrong ? ['memory-elsewhere'] : []);
  });

  it('says how much lies elsewhere, in whole MiB', () => {
    const report = verify(withMemory({ 0: 1000.4, 1: 600.3 }));
    expect(report.findings).toEqual([
      {
        ...{ code: 'memory-elsewhere', severity: 'warning', vmid: 100 },
        ...{ elsewhereMiB: 600, residentMiB: 1601, nodes: nodeSet([0]) },
      },
    ]);
    expect(report.guests[0]).toMatchObject({ localMiB: 1000, residentMiB: 1601, state: 'deviates' });
  });

  it('notes memory that could not be read, and concludes nothing from it', () => {
    const inventory = withMemory(null);
    expect(verify(inventory).findings).toEqual([{ code: 'memory-unread', severity: 'note', vmid: 100 }]);
    expect(stateOf(inventory, 100)).toBe('inForce');
  });
});

describe('verifyPlacement() and values that wait for a restart', () => {
  /** As after an apply to a running VM: the values that it started with, and ours in [PENDING]. */
  const pending = withGuest(
    guest => ({
      ...guest,
      raw: new Map([['affinity', '0-2,16']]),
      pending: new Map([...guest.raw].filter(([key]) => key !== 'affinity')),
    }),
    100,
  );

  it('says which, and that the rest is in force', () => {
    expect(verify(pending).findings).toEqual([
      { code: 'restart-pending', severity: 'warning', vmid: 100, keys: ['numa', 'numa0'] },
    ]);
    expect(stateOf(pending, 100)).toBe('restartPending');
  });

  it('reads back whether its memory is kept from being merged', () => {
    const { inventory, placement } = PLANNED;
    const guests = placement.guests.map(guest => (guest.vmid === 100 ? { ...guest, ksm: 'off' as const } : guest));
    const verifyWith = (change: (guest: Guest) => Partial<VmGuest>) => {
      const changed = withGuest(guest => ({ ...guest, ...change(guest) }) as Guest, 100);
      return verifyPlacement({ inventory: changed, placement: { ...placement, guests }, tasks: [], only: null });
    };
    const off = ['allow-ksm', '0'] as const;
    expect(verifyWith(({ raw }) => ({ raw: new Map([...raw, off]) })).findings).toEqual([]);
    const waiting = verifyWith(() => ({ pending: new Map([off]) }));
    expect(waiting.findings).toMatchObject([{ code: 'restart-pending', keys: ['allow-ksm'] }]);
    expect(waiting.guests[0]?.state).toBe('restartPending');
    // Memory that lies elsewhere does not wait for that.
    const remote = (runtime: VmRuntime) => ({ ...runtime, residentMiB: new Map([[numaNodeId(1), 2000]]) });
    const elsewhere = verifyWith(({ runtime }) => ({
      ...{ pending: new Map([off]), runtime: remote(runtime as VmRuntime) },
    }));
    expect(elsewhere.guests[0]?.state).toBe('deviates');
    for (const found of [null, '1']) {
      const more = found === null ? [] : ([['allow-ksm', found]] as const);
      const { findings } = verifyWith(({ raw }) => ({ raw: new Map([...raw, ...more]) }));
      expect(findings).toEqual([
        { code: 'config-drift', severity: 'warning', vmid: 100, key: 'allow-ksm', found, wanted: '0' },
      ]);
    }
    expect(verify(inventory).findings).toEqual([]);
  });

  it('expects memory to be elsewhere until then, but no thread', () => {
    const change = (runtime: VmRuntime, at: Partial<VmRuntime>): VmRuntime => ({ ...runtime, ...at });
    const vmOf = (inventory: Inventory) => guestIn(inventory, 100) as VmGuest;
    const { runtime } = vmOf(pending);
    if (!runtime) throw new Error('it runs');
    const remote = change(runtime, { residentMiB: new Map([[numaNodeId(1), 2000]]) });
    const state = (now: VmRuntime) =>
      verify({ ...pending, guests: [{ ...vmOf(pending), runtime: now }] }).guests[0]?.state;
    expect(state(remote)).toBe('restartPending');
    const thread = remote.threads.map(each => ({ ...each, allowed: cpuSet([9]) }));
    expect(state({ ...remote, threads: thread })).toBe('deviates');
  });

  it('takes an affinity that is only pending for in force: the threads have it already', () => {
    const inventory = withGuest(guest => {
      const raw = new Map(guest.raw);
      raw.delete('affinity');
      return { ...guest, raw, pending: new Map([['affinity', '0-2,16']]) };
    }, 100);
    expect(verify(inventory).findings).toEqual([]);
  });
});

describe('verifyPlacement() and everybody else', () => {
  const stranger = makeVm(150, 1, { runtime: makeVmRuntime(1, [1, 9], { pid: 5000 }) });
  const intrusion = { code: 'guest-intrudes', severity: 'error', owner: 100 };

  it('names a guest that came after the placement was made', () => {
    expect(verify(newcomer(stranger)).findings).toMatchObject([
      { ...intrusion, vmid: 150, thread: '"kvm"', cpus: cpuSet([1]) },
      { ...intrusion, vmid: 150, thread: '"CPU 0/KVM"', cpus: cpuSet([1]) },
    ]);
  });

  it('names a container that came after, and none that keeps away', () => {
    const at = (cpus: number[]) => ({ runtime: { cpuset: cpuSet(cpus), effective: cpuSet(cpus) } });
    expect(verify(newcomer(makeContainer(250, 1, at([18])))).findings).toMatchObject([
      { ...intrusion, vmid: 250, cpus: cpuSet([18]) },
    ]);
    expect(verify(newcomer(makeContainer(250, 1, at([9])))).findings).toEqual([]);
  });

  it('says that a newcomer with a silent QEMU could be anywhere', () => {
    const silent = makeVm(150, 1, { runtime: { ...makeVmRuntime(0, []), threads: [], unreadable: 'no answer' } });
    expect(verify(newcomer(silent)).findings).toEqual([
      { code: 'guest-unread', severity: 'error', vmid: 150, reason: 'no answer' },
    ]);
  });

  it('names another guest that has got the VMID of a placed one', () => {
    const inventory = withGuest(
      () =>
        makeVm(102, 1, {
          identity: { uuid: 'other', vmgenid: null, createdAt: null },
          runtime: makeVmRuntime(1, [1, 9], { pid: 5000 }),
        }),
      102,
    );
    expect(verify(inventory).findings.map(({ code }) => code)).toEqual([
      'guest-identity',
      'guest-intrudes',
      'guest-intrudes',
    ]);
  });

  it('names a placed guest that intrudes also when only the owner is asked about', () => {
    const inventory = withThread(102, 2, { allowed: cpuSet([2, 9]) });
    expect(verify(inventory, { only: [100] }).findings).toMatchObject([{ ...intrusion, vmid: 102 }]);
    expect(verify(inventory, { only: [101] }).findings).toEqual([]);
  });

  const task = (name: string, allowed: number[], isKernel = false): Task => ({
    pid: 9,
    name,
    isKernel,
    allowed: cpuSet(allowed),
  });

  it('counts a task that is pinned there, but no kernel thread that serves that CPU alone', () => {
    const tasks = [task('spinner', [2]), task('ksoftirqd/2', [2], true)];
    const found = verify(PLANNED.inventory, { tasks, only: [100] }).findings;
    expect(found).toMatchObject([{ code: 'others-may-run', tasks: 1, examples: ['spinner'] }]);
  });

  it('notes the tasks of the host that may run there', () => {
    const tasks = [task('sshd', ONLINE), task('cron', ONLINE), task('cron', ONLINE), task('zfs', [9, 10])];
    expect(verify(PLANNED.inventory, { tasks, only: [100] }).findings).toEqual([
      { code: 'others-may-run', severity: 'note', cpus: cpuSet([1, 2, 17, 18]), tasks: 3, examples: ['cron', 'sshd'] },
    ]);
  });

  it('warns of them when an isolation rung is in force', () => {
    const { inventory, placement } = PLANNED;
    const isolated = { ...placement, isolation: 'partition' } as const;
    const report = verifyPlacement({ inventory, placement: isolated, tasks: [task('sshd', ONLINE)], only: null });
    expect(report.findings).toContainEqual(expect.objectContaining({ code: 'others-may-run', severity: 'warning' }));
  });

  it('says that a running dedicated VM has no partition, and what its partition lacks', () => {
    const { inventory, placement } = PLANNED;
    const isolated = { ...placement, isolation: 'partition' } as const;
    const missing = (change: Partial<VmRuntime>) => {
      const guests = inventory.guests.map(guest =>
        guest.kind === 'vm' && guest.vmid === 100 && guest.runtime
          ? { ...guest, runtime: { ...guest.runtime, ...change } }
          : guest,
      );
      const against = { inventory: { ...inventory, guests }, placement: isolated, tasks: [], only: null };
      return verifyPlacement(against).findings.filter(({ code }) => code === 'partition-missing');
    };
    const [none] = missing({});
    expect(none).toMatchObject({ severity: 'error', found: null });
    const cpus = none?.code === 'partition-missing' ? none.cpus : cpuSet();
    expect(cpus.isEmpty).toBe(false);
    expect(missing({ partition: { cpus: cpuSet([31]), tids: [] } })).toMatchObject([{ cpus, found: cpuSet([31]) }]);
    const guest = inventory.guests.find(({ vmid }) => vmid === 100);
    const threads = guest?.kind === 'vm' ? (guest.runtime?.threads ?? []) : [];
    const vcpus = threads.flatMap(({ tid, role }) => (role.kind === 'vcpu' ? [tid] : []));
    expect(missing({ partition: { cpus, tids: vcpus } })).toEqual([]);
    expect(missing({ partition: { cpus, tids: vcpus.slice(1) } })).toHaveLength(1);
    expect(missing({ partition: { cpus, tids: [...vcpus, 9999] } })).toHaveLength(1);
  });
});

function vm(vmid: number) {
  return { vmid: vmId(vmid) };
}
