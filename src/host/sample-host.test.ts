// Sampling over files that change between two looks: what comes, what goes, what cannot be read.
import { describe, expect, it } from 'vitest';
import { cpuSet } from '#domain/id-set.ts';
import { vmId } from '#domain/ids.ts';
import type { Unknown } from '#domain/text-tree.ts';
import { makeContainer, makeInventory, makeVm, makeVmRuntime } from '#fixtures/make-inventory.ts';
import { encodeProcStat, encodeProcStatus, type ProcThread } from '#fixtures/proc-text.ts';
import { shapes } from '#fixtures/shapes.ts';
import { makeTextHost } from '#fixtures/text-host.ts';
import { makeTextTree } from '#fixtures/text-tree.ts';
import { readGuestMemory } from './read-guest-memory.ts';
import { findCgroup, readCgroup, readStalls } from './sample-cgroup.ts';
import { ContainerSampler } from './sample-container.ts';
import { readFrequencies } from './sample-cpus.ts';
import { GuestSampler, type RunningVm } from './sample-guest.ts';
import { sampleHost } from './sample-host.ts';
import { TaskSampler } from './sample-tasks.ts';

const PID = 4000;

/** `/proc` of threads that can be changed while it is looked at. */
class MovingHost {
  readonly files = new Map<string, string>();
  nowMs = 0;
  readonly clock = () => this.nowMs;

  /** Its directories are made anew, since threads come and go. */
  get host() {
    return makeTextHost(this.files);
  }

  put(
    pid: number,
    tid: number,
    { runMs, cpu = 1, comm = 'kvm' }: { runMs: number; cpu?: number; comm?: string },
  ): void {
    const thread: ProcThread = {
      ...{ pid, tid, ppid: 1, comm, threads: 1, residentKiB: 1, startTime: 100 },
      ...{ allowed: cpuSet([0, 1]), lastCpu: cpu },
    };
    const task = `/proc/${pid}/task/${tid}`;
    const switches = 'voluntary_ctxt_switches:\t5\nnonvoluntary_ctxt_switches:\t6\n';
    this.files.set(`${task}/stat`, encodeProcStat(thread));
    this.files.set(`${task}/status`, encodeProcStatus(thread) + switches);
    this.files.set(`${task}/schedstat`, `${1_000_000 + runMs * 1_000_000} 7 8\n`);
    if (pid === tid) this.files.set(`/proc/${pid}/stat`, encodeProcStat(thread));
  }

  take(pid: number, tid: number): void {
    for (const path of this.files.keys()) if (path.startsWith(`/proc/${pid}/task/${tid}/`)) this.files.delete(path);
  }
}

/** The tree is asked again at each look. */
const live = (moving: MovingHost) => ({
  ...moving.host,
  read: (path: string) => moving.host.read(path),
  list: (path: string) => moving.host.list(path),
});

const vm = (): RunningVm => ({ ...makeVm(100, 2), runtime: makeVmRuntime(2, [0, 1], { pid: PID }) });

describe('GuestSampler', () => {
  function start() {
    const moving = new MovingHost();
    const unknown: Unknown[] = [];
    for (const tid of [PID, PID + 1, PID + 2]) moving.put(PID, tid, { runMs: 0 });
    const sampler = new GuestSampler(vm(), { host: live(moving), clock: moving.clock, unknown });
    return { moving, unknown, sampler };
  }

  it('follows each thread by its role, with the times of its looks', async () => {
    const { moving, sampler, unknown } = start();
    sampler.look();
    moving.nowMs = 1000;
    moving.put(PID, PID + 1, { runMs: 400, cpu: 0 });
    sampler.look();
    const { threads, state } = await sampler.finish(unknown);
    expect(state).toBe('running');
    expect(threads.map(({ tid, role }) => [tid, role.kind])).toEqual([
      [PID, 'emulator'],
      [PID + 1, 'vcpu'],
      [PID + 2, 'vcpu'],
    ]);
    expect(threads[1]?.readings).toEqual([
      { atMs: 0, runNs: 1_000_000, waitNs: 7, slices: 8, cpu: 1, isReady: false },
      { atMs: 1000, runNs: 401_000_000, waitNs: 7, slices: 8, cpu: 0, isReady: false },
    ]);
    expect(threads[1]?.counters).toEqual({
      first: { voluntary: 5, involuntary: 6, migrations: null },
      last: { voluntary: 5, involuntary: 6, migrations: null },
    });
  });

  it('takes up a thread that comes, and keeps what was seen of one that goes', async () => {
    const { moving, sampler, unknown } = start();
    sampler.look();
    moving.put(PID, PID + 3, { runMs: 0, comm: 'worker' });
    moving.take(PID, PID + 2);
    sampler.look();
    const { threads } = await sampler.finish(unknown);
    expect(threads.map(({ tid, readings }) => [tid, readings.length])).toEqual([
      [PID, 2],
      [PID + 1, 2],
      [PID + 2, 1],
      [PID + 3, 1],
    ]);
    expect(threads.at(-1)).toMatchObject({ name: 'worker', role: { kind: 'emulator' } });
    expect(threads[2]?.counters).toBeNull();
  });

  it.each([
    ['stopped', (moving: MovingHost) => moving.files.clear()],
    [
      'stopped, and its process id was used again',
      (moving: MovingHost) =>
        moving.files.set(`/proc/${PID}/stat`, (moving.files.get(`/proc/${PID}/stat`) ?? '').replace(' 100 ', ' 999 ')),
    ],
  ])('says that the guest has gone when it %s', async (_, stop) => {
    const { moving, sampler, unknown } = start();
    sampler.look();
    stop(moving);
    sampler.look();
    expect((await sampler.finish(unknown)).state).toBe('gone');
  });

  it('says why a limit and the memory are not known', async () => {
    const { sampler, unknown } = start();
    sampler.look();
    expect(await sampler.finish(unknown)).toMatchObject({ cgroup: null, memory: null });
    expect(unknown.map(({ path }) => path)).toEqual([`/proc/${PID}/cgroup`, `/proc/${PID}/numa_maps`]);
  });
});

describe('TaskSampler', () => {
  function start() {
    const moving = new MovingHost();
    moving.put(PID, PID, { runMs: 0 });
    moving.put(50, 50, { runMs: 0, comm: 'stress' });
    moving.put(60, 60, { runMs: 0, comm: 'sleeper' });
    const tasks = new TaskSampler(live(moving), moving.clock, new Map([[PID, vmId(100)]]));
    tasks.scan();
    moving.nowMs = 1000;
    return { moving, tasks };
  }

  it('follows what was busy since the scan before, from that scan on', () => {
    const { moving, tasks } = start();
    moving.put(50, 50, { runMs: 700, comm: 'stress' });
    moving.put(60, 60, { runMs: 1, comm: 'sleeper' });
    moving.put(PID, PID, { runMs: 900 });
    tasks.scan();
    moving.nowMs = 2000;
    moving.put(50, 50, { runMs: 1500, comm: 'stress', cpu: 0 });
    tasks.look();
    const followed = tasks.describe();
    expect(followed).toMatchObject([{ pid: 50, tid: 50, name: 'stress', owner: null }]);
    expect(followed[0]?.readings.map(({ atMs, runNs, cpu }) => [atMs, runNs / 1_000_000 - 1, cpu])).toEqual([
      [0, 0, 1],
      [1000, 700, 1],
      [2000, 1500, 0],
    ]);
  });

  it('follows a thread that has begun between two scans', () => {
    const { moving, tasks } = start();
    moving.put(70, 70, { runMs: 300 });
    tasks.scan();
    expect(tasks.describe()).toMatchObject([{ pid: 70, readings: [{ runNs: 0 }, { runNs: 301_000_000 }] }]);
  });

  it.each([
    ['a container', 'stress', '0::/lxc/200/ns\n', 200],
    ['a VM, beside its QEMU', 'swtpm', '0::/qemu.slice/100.scope\n', 100],
    ['the network of a VM', `vhost-${PID}`, '0::/\n', 100],
    ['the network of a VM that is not here', 'vhost-99', '0::/\n', null],
    ['the host', 'stress', '0::/system.slice/stress.service\n', null],
  ])('tells a thread of %s', (_, comm, cgroup, owner) => {
    const { moving, tasks } = start();
    moving.files.set('/proc/50/cgroup', cgroup);
    moving.put(50, 50, { runMs: 700, comm });
    tasks.scan();
    expect(tasks.describe()[0]?.owner).toBe(owner);
  });

  it('follows no more than a bounded number, the busiest', () => {
    const { moving, tasks } = start();
    for (let pid = 100; pid < 300; pid++) moving.put(pid, pid, { runMs: pid });
    tasks.scan();
    const followed = tasks.describe();
    expect(followed).toHaveLength(64);
    expect(Math.min(...followed.map(({ pid }) => pid))).toBe(300 - 64);
  });
});

describe('readCgroup()', () => {
  const directory = '/sys/fs/cgroup/qemu.slice/100.scope';
  const files = new Map([
    [`/proc/${PID}/cgroup`, '0::/qemu.slice/100.scope\n'],
    [`${directory}/cpu.stat`, 'usage_usec 5\nnr_periods 4\nnr_throttled 3\nthrottled_usec 2\n'],
    [`${directory}/cpu.pressure`, 'some avg10=0.00 avg60=0.00 avg300=0.00 total=11\n'],
    [`${directory}/memory.numa_stat`, 'anon N0=1048576 N1=0\nshmem N0=0 N1=2097152\n'],
    [`/proc/${PID}/numa_maps`, '7f00 default anon=512 N1=512 kernelpagesize_kB=4\n'],
  ]);
  const tree = makeTextTree(files);

  it('reads its limit and what it shows of stalls', () => {
    expect(findCgroup(tree, PID, [])).toBe(directory);
    expect(readCgroup(tree, directory, () => 5)).toEqual({
      atMs: 5,
      usedUs: 5,
      limit: { periods: 4, throttled: 3, throttledUs: 2 },
      stalls: { cpuUs: 11, memoryUs: null, ioUs: null },
    });
  });

  it('takes its memory from the cgroup, and of a guest with hugepages from the process', () => {
    const question = { pid: PID, cgroup: directory, hugepages: false };
    expect(readGuestMemory(tree, question, [])).toEqual({
      source: 'memory.numa_stat',
      residentMiB: new Map([
        [0, 1],
        [1, 2],
      ]),
    });
    const walked = { source: 'numa_maps', residentMiB: new Map([[1, 2]]) };
    expect(readGuestMemory(tree, { ...question, hugepages: true }, [])).toEqual(walked);
    expect(readGuestMemory(tree, { ...question, cgroup: null }, [])).toEqual(walked);
  });

  it.each([
    ['a host with version 1', '3:cpu:/\n', 'no cgroup version 2'],
    ['a process outside of all cgroups', '0::/\n', 'no cgroup of its own'],
    ['a cgroup that is mounted elsewhere', '0::/elsewhere\n', 'no cgroup version 2'],
  ])('says of %s that nothing is known', (_, text, reason) => {
    const unknown: Unknown[] = [];
    expect(findCgroup(makeTextTree(new Map([...files, [`/proc/${PID}/cgroup`, text]])), PID, unknown)).toBeNull();
    expect(unknown).toEqual([{ path: `/proc/${PID}/cgroup`, reason: expect.stringContaining(reason) }]);
  });

  it('knows no stalls where pressure is not shown', () => {
    expect(readStalls(makeTextTree(new Map()), () => '/proc/pressure/cpu')).toEqual({
      ...{ cpuUs: null, memoryUs: null, ioUs: null },
    });
  });
});

describe('readFrequencies()', () => {
  const directory = '/sys/devices/system/cpu/cpu2/cpufreq';

  it('reads MHz, of CPUs that show both values', () => {
    const tree = makeTextTree(
      new Map([
        [`${directory}/scaling_cur_freq`, '1200000\n'],
        [`${directory}/cpuinfo_max_freq`, '3600000\n'],
      ]),
    );
    const unknown: Unknown[] = [];
    expect([...readFrequencies(tree, [2, 3] as never, unknown)]).toEqual([[2, { nowMHz: 1200, maxMHz: 3600 }]]);
    expect(unknown).toEqual([]);
  });

  it('notes it once when no CPU shows them', () => {
    const unknown: Unknown[] = [];
    expect(readFrequencies(makeTextTree(new Map()), [2, 3] as never, unknown).size).toBe(0);
    expect(unknown).toHaveLength(1);
  });
});

describe('ContainerSampler', () => {
  const CGROUP = '/sys/fs/cgroup/lxc/200';
  function start() {
    const moving = new MovingHost();
    const use = (usedUs: number) => moving.files.set(`${CGROUP}/cpu.stat`, `usage_usec ${usedUs}\n`);
    use(1000);
    moving.files.set(`${CGROUP}/cpuset.cpus`, '\n');
    moving.files.set(`${CGROUP}/cpuset.cpus.effective`, '0-1\n');
    const sampler = new ContainerSampler(makeContainer(200, 2), { host: live(moving), clock: moving.clock });
    return { moving, use, sampler };
  }

  it('tells what its cgroup used between both ends, and where it may run', () => {
    const { moving, use, sampler } = start();
    moving.nowMs = 1000;
    use(5000);
    expect(sampler.describe()).toMatchObject({
      ...{ vmid: 200, cores: 2, effective: cpuSet([0, 1]) },
      cgroup: { first: { atMs: 0, usedUs: 1000, limit: null }, last: { atMs: 1000, usedUs: 5000 } },
    });
  });

  it.each([
    ['stopped', ({ moving }: ReturnType<typeof start>) => moving.files.clear()],
    ['was started again', ({ use }: ReturnType<typeof start>) => use(10)],
  ])('knows nothing of one that %s meanwhile', (_, happen) => {
    const started = start();
    happen(started);
    expect(started.sampler.describe()).toBeNull();
  });
});

describe('sampleHost()', () => {
  it('refuses a captured host, and says what to do', async () => {
    const sampling = sampleHost(makeTextHost(new Map()), makeInventory(shapes.article, []), {
      seconds: 10,
      signal: new AbortController().signal,
    });
    await expect(sampling).rejects.toMatchObject({
      reason: 'refused',
      message: expect.stringContaining('a captured host stands still'),
    });
  });
});
