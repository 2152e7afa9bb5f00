// How the threads of a VM fared that are no vCPUs: those that serve its disks and its network among them.
import type { HelperMeasure } from '#domain/diagnosis.ts';
import { cpuSet } from '#domain/id-set.ts';
import type { SampledGuest, Sampling, ThreadSample } from '#domain/sampling.ts';
import { intervalsOf } from './intervals.ts';
import { HELPER_WAIT_SHARE, MOST_NAMED } from './thresholds.ts';

const NS_PER_MS = 1_000_000;
const NS_PER_US = 1000;

/** Those that waited noticeably, the worst first. Kernels before 6.4 have vhost workers outside of the VM's process. */
export function measureHelpers(guest: SampledGuest, { tasks }: Sampling): readonly HelperMeasure[] {
  const inside = guest.threads.flatMap(thread => {
    const { role, name } = thread;
    if (role.kind === 'vcpu') return [];
    if (role.kind === 'iothread') return measureThread(thread, { kind: 'iothread', name: role.id });
    return measureThread(thread, { kind: isVhost(name) ? 'vhost' : 'emulator', name });
  });
  const outside = tasks
    .filter(({ owner, name }) => owner === guest.vmid && isVhost(name))
    .flatMap(task => measureThread(task, { kind: 'vhost', name: task.name }));
  return [...inside, ...outside]
    .filter(({ waitShare }) => waitShare >= HELPER_WAIT_SHARE)
    .sort((a, b) => b.waitShare - a.waitShare || a.tid - b.tid)
    .slice(0, MOST_NAMED);
}

const isVhost = (name: string): boolean => name.startsWith('vhost-');

function measureThread(
  thread: ThreadSample,
  { kind, name }: Pick<HelperMeasure, 'kind' | 'name'>,
): readonly HelperMeasure[] {
  const intervals = intervalsOf(thread);
  if (intervals.length === 0) return [];
  const sum = (value: (interval: (typeof intervals)[number]) => number) =>
    intervals.reduce((total, interval) => total + value(interval), 0);
  const observedNs = sum(({ fromMs, toMs }) => (toMs - fromMs) * NS_PER_MS);
  const waitNs = sum(interval => interval.waitNs);
  const slices = sum(interval => interval.slices);
  return [
    {
      ...{ kind, name, tid: thread.tid },
      runShare: sum(({ runNs }) => runNs) / observedNs,
      waitShare: waitNs / observedNs,
      waitPerSliceUs: slices === 0 ? 0 : waitNs / slices / NS_PER_US,
      cpus: cpuSet(intervals.flatMap(({ cpus }) => cpus)),
    },
  ];
}
