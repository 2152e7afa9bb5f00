// Samples the live host: looks at its CPUs and at the threads of its VMs about once a second, for as long as was asked.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Inventory } from '#domain/inventory.ts';
import type { SampledGuest, Sampling } from '#domain/sampling.ts';
import type { Unknown } from '#domain/text-tree.ts';
import type { Host } from './host.ts';
import { HostError } from './host-error.ts';
import { ContainerSampler } from './sample-container.ts';
import { readCpuTimes, readFrequencies, readHost } from './sample-cpus.ts';
import { GuestSampler, type RunningVm } from './sample-guest.ts';
import { TaskSampler } from './sample-tasks.ts';

export interface SampleOptions {
  readonly seconds: number;
  /** Ends the sampling early; what was seen until then is judged. */
  readonly signal: AbortSignal;
  /** After each look but the last: what threads and CPUs did in the last few seconds. */
  readonly onLook?: (recent: Sampling, elapsedMs: number) => void;
}

const LONGEST_PAUSE_MS = 1000;
const FEWEST_LOOKS = 5;
const RECENT_LOOKS = 10;

/** @throws HostError on a captured tree: it has no time in which anything could happen. */
export async function sampleHost(host: Host, inventory: Inventory, options: SampleOptions): Promise<Sampling> {
  const { seconds, signal, onLook } = options;
  if (host.simulated) {
    throw new HostError(
      'refused',
      `Cannot sample ${host.root}: a captured host stands still. Run \`berth diagnose\` on the live one, without --root`,
    );
  }
  const unknown: Unknown[] = [];
  const began = performance.now();
  const clock = () => performance.now() - began;
  const vms = inventory.guests.filter(guest => guest.kind === 'vm').filter(isRunning);
  const tasks = new TaskSampler(host, clock, new Map(vms.map(({ vmid, runtime }) => [runtime.pid, vmid])));
  const guests = vms.map(vm => new GuestSampler(vm, { host, clock, unknown }));
  const containers = inventory.guests
    .filter(guest => guest.kind === 'container')
    .filter(({ runtime }) => runtime !== null)
    .map(container => new ContainerSampler(container, { host, clock }));
  tasks.scan();
  const first = readHost(host, clock);
  const cpuTimes: Sampling['cpuTimes'][number][] = [];
  const look = () => {
    cpuTimes.push(readCpuTimes(host, clock));
    for (const guest of guests) guest.look();
    tasks.look();
  };
  const describe = (seen: readonly SampledGuest[], looks: number, last = first): Sampling => {
    const times = cpuTimes.slice(-looks);
    return {
      durationMs: (times.at(-1)?.atMs ?? 0) - (times[0]?.atMs ?? 0),
      interrupted: signal.aborted,
      cpuTimes: times,
      host: { first, last },
      frequencies: new Map(),
      guests: seen,
      containers: [],
      tasks: tasks.describe(looks),
      unknown,
    };
  };

  look();
  const pauses = Math.max(FEWEST_LOOKS, Math.ceil((seconds * 1000) / LONGEST_PAUSE_MS));
  const beganLookingMs = clock();
  for (let pause = 1; pause <= pauses && !signal.aborted; pause++) {
    const untilMs = beganLookingMs + (seconds * 1000 * pause) / pauses;
    await sleepUntil(untilMs - clock(), signal);
    if (signal.aborted || pause === pauses) break;
    look();
    if (pause === 1) tasks.scan();
    const recent = describe(
      guests.map(guest => guest.describe(RECENT_LOOKS)),
      RECENT_LOOKS,
    );
    onLook?.(recent, clock() - beganLookingMs);
  }
  tasks.scan();
  look();
  const last = readHost(host, clock);
  const seen = await Promise.all(guests.map(guest => guest.finish(unknown)));
  return {
    ...describe(seen, cpuTimes.length, last),
    containers: containers.flatMap(container => container.describe() ?? []),
    frequencies: readFrequencies(host, cpusOfVcpus(seen), unknown),
  };
}

const isRunning = (vm: { readonly runtime: unknown }): vm is RunningVm => vm.runtime !== null;

/** Ends early, without an error, when it is interrupted. */
async function sleepUntil(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(Math.max(0, ms), undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

function cpusOfVcpus(guests: readonly SampledGuest[]) {
  const vcpus = guests.flatMap(({ threads }) => threads.filter(({ role }) => role.kind === 'vcpu'));
  return [...new Set(vcpus.flatMap(({ readings }) => readings.at(-1)?.cpu ?? []))].sort((a, b) => a - b);
}
