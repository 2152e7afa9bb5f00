// What the agent costs, and how soon a guest is pinned, beside a shell hookscript that runs `taskset` for each thread.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeReconciler } from '#agent/reconciler.ts';
import { placementFileJson } from '#contract/placement.ts';
import { encodeJson } from '#contract/read-json.ts';
import { cpuSet, nodeSet } from '#domain/id-set.ts';
import { vmId } from '#domain/ids.ts';
import type { GuestPlacement } from '#domain/placement.ts';
import { openHost } from '#host/open-host.ts';
import { NODE, PLACEMENT, resetNode, writeVmConfig } from '../e2e/live-node.ts';
import { enterPrivateMounts } from '../e2e/private-mounts.ts';
import { type QemuGuest, startQemuGuest } from '../e2e/qemu-guest.ts';
import type { BenchOptions, BenchResult } from './bench-report.ts';
import { benchInterleavings } from './interleavings.ts';
import { benchLayers } from './layers.ts';
import { median } from './median.ts';

const GUESTS = 100;
const VCPUS = 8;
const LARGE_VCPUS = 32;
const ROUNDS = 11;
const REST_S = 30;
const SHELL_HOOK = 'bench/pin-by-shell.sh';
const TICKS_PER_S = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** Real QEMU processes whose vCPUs do not run (`-S`), in a mount namespace of this process; needs root and a second CPU. */
export async function benchRuntime(options: BenchOptions): Promise<BenchResult> {
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'ignore' });
  enterPrivateMounts();
  resetNode();
  const pins = await timePins();
  const added = await timeAgentStart();
  const rest = await measureRest();
  const layers = benchLayers();
  const lives = await benchInterleavings(options);
  const summary = { ...pins.summary, ...added.summary, ...rest, ...layers.summary, ...lives.summary };
  return { summary, cases: [...pins.cases, ...added.cases, ...layers.cases, ...lives.cases] };
}

/** A 32-vCPU guest, pinned by a pass of the reconciler and by the shell, in turns; each starts from masks that are all wrong. */
async function timePins(): Promise<BenchResult> {
  place([{ vmid: 100, vcpus: LARGE_VCPUS }]);
  const guest = startQemuGuest({ vmid: 100, cores: LARGE_VCPUS });
  try {
    const reconciler = makeReconciler(openHost('/'), NODE);
    const ours: number[] = [];
    const shell: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      widen(guest);
      ours.push(await timeWork(async () => void (await reconciler.runPass())));
      expectPinned(guest);
      widen(guest);
      shell.push(await timeWork(async () => void execFileSync('sh', [SHELL_HOOK, '100', 'post-start', '1', '0'])));
      expectPinned(guest);
    }
    const [pinMs32, shellMs32] = [median(ours), median(shell)];
    return {
      summary: { pinMs32, shellMs32, pinRatioVsShell: shellMs32 / pinMs32 },
      cases: [
        { name: 'pinMs32', medianMs: pinMs32, runsMs: ours },
        { name: 'shellMs32', medianMs: shellMs32, runsMs: shell },
      ],
    };
  } finally {
    await guest.stop();
  }
}

/** From the moment that QEMU's starter returns, as Proxmox's start task would, until the agent, which waits with a long period, has pinned all threads. */
async function timeAgentStart(): Promise<BenchResult> {
  place([{ vmid: 100, vcpus: VCPUS }]);
  const agent = startAgent('3600');
  const runs: number[] = [];
  try {
    await sleep(1500);
    for (let round = 0; round < ROUNDS; round++) {
      const guest = startQemuGuest({ vmid: 100, cores: VCPUS });
      runs.push(await timeWork(() => untilPinned(guest)));
      await guest.stop();
    }
  } finally {
    agent.kill();
  }
  const agentAddedMs = median(runs);
  return { summary: { agentAddedMs }, cases: [{ name: 'agentAddedMs', medianMs: agentAddedMs, runsMs: runs }] };
}

/** The agent with its ordinary period and nothing to do: its CPU time and memory, and how long a pass takes. */
async function measureRest(): Promise<Readonly<Record<string, number>>> {
  const all = Array.from({ length: GUESTS }, (_, index) => ({ vmid: 1000 + index, vcpus: VCPUS }));
  place(all);
  const guests: QemuGuest[] = [];
  const agent = startAgent('5');
  try {
    for (const { vmid } of all) guests.push(startQemuGuest({ vmid, cores: VCPUS, memoryMiB: 16 }));
    for (const guest of guests) await untilPinned(guest);
    await sleep(4000);
    const before = readTicks(agent.pid);
    await sleep(REST_S * 1000);
    const agentCpuPercent = ((readTicks(agent.pid) - before) / TICKS_PER_S / REST_S) * 100;
    const reconciler = makeReconciler(openHost('/'), NODE);
    await reconciler.runPass();
    const passes: number[] = [];
    for (let round = 0; round < ROUNDS; round++)
      passes.push(await timeWork(async () => void (await reconciler.runPass())));
    return { agentCpuPercent, agentRssMiB: readRssMiB(agent.pid), reconcileMs: median(passes) };
  } finally {
    agent.kill();
    for (const guest of guests) await guest.stop();
  }
}

function startAgent(periodS: string): ChildProcess & { pid: number } {
  const agent = spawn(process.execPath, ['bin/berth', 'agent', '--period', periodS], { stdio: 'ignore' });
  if (agent.pid === undefined) throw new Error('The agent cannot be started');
  return agent as ChildProcess & { pid: number };
}

/** Every vCPU on CPU 1, everything else on CPU 0: enough for the work to be real on a machine with two CPUs. */
function place(guests: readonly { readonly vmid: number; readonly vcpus: number }[]): void {
  const placed = guests.map(({ vmid, vcpus }): GuestPlacement => {
    writeVmConfig(vmid, { cores: vcpus });
    return {
      ...{ vmid: vmId(vmid), kind: 'vm', class: 'confined', smt: 'any', memory: null, found: new Map() },
      identity: { uuid: uuidOf(vmid), vmgenid: null, createdAt: null },
      vcpus: Array.from({ length: vcpus }, () => cpuSet([1])),
      ...{ emulator: cpuSet([0]), affinity: cpuSet([0, 1]), nodes: nodeSet([0]) },
    };
  });
  mkdirSync(PLACEMENT.replace(/\/[^/]*$/, ''), { recursive: true });
  const placement = { node: NODE, isolation: 'none', housekeeping: cpuSet([0]), guests: placed } as const;
  writeFileSync(
    PLACEMENT,
    encodeJson(placementFileJson, { schema: 'berth/placement/1', appliedBy: '0001', ...placement }),
  );
}

const uuidOf = (vmid: number): string => {
  const config = readFileSync(`/etc/pve/nodes/${NODE}/qemu-server/${vmid}.conf`, 'latin1');
  return /uuid=(\S+)/.exec(config)?.[1] ?? '';
};

function widen({ pid }: QemuGuest): void {
  spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', '0-1', `${pid}`]);
}

const masksOf = ({ pid }: QemuGuest): readonly string[] =>
  readdirSync(`/proc/${pid}/task`).map(tid => {
    const status = readFileSync(`/proc/${pid}/task/${tid}/status`, 'latin1');
    return /^Cpus_allowed_list:\t(.*)$/m.exec(status)?.[1] ?? '';
  });

const isPinned = (guest: QemuGuest): boolean => masksOf(guest).every(mask => mask === '0' || mask === '1');

function expectPinned(guest: QemuGuest): void {
  if (!isPinned(guest)) throw new Error(`Guest ${guest.vmid} is not pinned: ${masksOf(guest).join(' ')}`);
}

async function untilPinned(guest: QemuGuest): Promise<void> {
  const end = performance.now() + 60_000;
  while (!isPinned(guest)) {
    if (performance.now() > end) expectPinned(guest);
    await sleep(1);
  }
}

async function timeWork(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** User and system time, clock ticks. */
function readTicks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /, '')
    .split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

function readRssMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1]) / 1024;
}
