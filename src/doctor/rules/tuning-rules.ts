// Rules about the kernel and its knobs, where they work against VMs that have CPUs of their own.
import type { TuningFacts } from '#domain/doctor/host-facts.ts';
import type { Evidence, Fix } from '#domain/doctor-finding.ts';
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import { isSet } from '#proxmox/start-values.ts';
import { type DoctorRules, hostRule, type Judgement, vmRule } from '../doctor-rule.ts';
import type { DoctorView, ExaminedVm } from '../doctor-view.ts';
import { valueEvidence } from '../evidence.ts';
import { allExclusiveCpus, exclusiveVms } from '../exclusive-cpus.ts';
import { pinnedCpus } from '../pinned-cpus.ts';

export const tuningRules: DoctorRules<TuningFacts> = {
  'governor-lowest': hostRule('hurts-latency', view => findPowersave(view, driver => !SCALES_BY_ITSELF.has(driver))),
  'governor-powersave': hostRule('worth-knowing', view => findPowersave(view, driver => SCALES_BY_ITSELF.has(driver))),
  'halt-polling-off': hostRule('worth-knowing', findNoPolling),
  'kernel-resets-masks': hostRule('hurts-latency', findOldKernel),
  'ksmtuned-beside-pinned': hostRule('worth-knowing', findKsmtuned),
  'realtime-threads': vmRule('hurts-latency', findRealtimeThreads),
};

/** Drivers whose `powersave` follows the load: kernel `admin-guide/pm/intel_pstate` and `amd-pstate`. */
const SCALES_BY_ITSELF: ReadonlySet<string> = new Set(['intel_pstate', 'amd-pstate-epp', 'amd_pstate_epp']);

function findPowersave(
  view: DoctorView,
  isAbout: (driver: string) => boolean,
): Judgement<TuningFacts['governor-lowest']> | null {
  const { frequencyDriver, governors } = view.texts;
  const driver = frequencyDriver?.text.trim();
  if (driver === undefined || !isAbout(driver)) return null;
  const pinned = allExclusiveCpus(view);
  const slow = governors.flatMap(source => {
    const id = Number(/\/cpu(\d+)\/cpufreq\//.exec(source.file)?.[1] ?? Number.NaN);
    const [cpu] = pinned.filter(candidate => candidate === id);
    return cpu === undefined || source.text.trim() !== 'powersave' ? [] : [{ cpu, source }];
  });
  if (slow.length === 0) return null;
  const cpus = cpuSet(slow.map(({ cpu }) => cpu));
  return {
    facts: { cpus, driver },
    evidence: valueEvidence(frequencyDriver, ...slow.map(({ source }) => source)),
    fix: setGovernor(cpus),
  };
}

const setGovernor = (cpus: CpuSet): Fix => ({
  kind: 'commands',
  commands: [
    [
      'sh',
      '-c',
      `for n in ${cpus.ids.join(' ')}; do echo performance > /sys/devices/system/cpu/cpu$n/cpufreq/scaling_governor; done`,
    ],
  ],
});

function findNoPolling(view: DoctorView): Judgement<TuningFacts['halt-polling-off']> | null {
  const { haltPoll } = view.texts;
  const vmids = exclusiveVms(view).map(({ guest }) => guest.vmid);
  if (haltPoll?.text.trim() !== '0' || vmids.length === 0) return null;
  return { facts: { vmids }, evidence: valueEvidence(haltPoll), fix: null };
}

/** The first release that gives a thread its own mask back after a cpuset above it has changed. */
const KEEPS_MASKS = [6, 2] as const;

function findOldKernel(view: DoctorView): Judgement<TuningFacts['kernel-resets-masks']> | null {
  const release = view.texts.release?.text.trim() ?? '';
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(release) ?? [];
  if (major === undefined || minor === undefined) return null;
  const [first, second] = KEEPS_MASKS;
  const vmids = view.vms.filter(vm => pinnedCpus(vm, view) !== null).map(({ guest }) => guest.vmid);
  const isOld = Number(major) < first || (Number(major) === first && Number(minor) < second);
  if (!isOld || vmids.length === 0) return null;
  return { facts: { release, vmids }, evidence: valueEvidence(view.texts.release), fix: null };
}

/** Where KSM already merges across nodes, that is the graver finding of the two. */
function findKsmtuned(view: DoctorView): Judgement<TuningFacts['ksmtuned-beside-pinned']> | null {
  const daemon = view.tasks.find(({ name }) => name === 'ksmtuned');
  const mergesNow = view.texts.ksmRun?.text.trim() === '1';
  if (daemon === undefined || mergesNow) return null;
  const vmids = exclusiveVms(view)
    .filter(mayBeMerged)
    .map(({ guest }) => guest.vmid);
  if (vmids.length === 0) return null;
  const running: Evidence = { file: `/proc/${daemon.pid}/comm`, line: 1, text: daemon.name };
  return {
    facts: { vmids },
    evidence: [running, ...valueEvidence(view.texts.ksmRun)],
    fix: null,
  };
}

const mayBeMerged = ({ next }: ExaminedVm): boolean => !isSet(next, 'hugepages') && next.get('allow-ksm') !== '0';

const SCHED_FIFO = 1;
const SCHED_RR = 2;

function findRealtimeThreads(
  { guest }: ExaminedVm,
  { vmThreadStats }: DoctorView,
): Judgement<TuningFacts['realtime-threads']> | null {
  const threads = (vmThreadStats.get(guest.vmid) ?? []).flatMap(source => {
    // Fields 40 and 41 of proc_pid_stat(5); the first one after the name is number 3.
    const fields = source.text
      .slice(source.text.lastIndexOf(')') + 2)
      .split(' ')
      .map(Number);
    const [priority = 0, policy = 0] = fields.slice(40 - 3);
    return policy === SCHED_FIFO || policy === SCHED_RR ? [{ source, priority }] : [];
  });
  if (threads.length === 0) return null;
  return {
    facts: { threads: threads.length, priority: Math.max(...threads.map(({ priority }) => priority)) },
    evidence: valueEvidence(...threads.map(({ source }) => source)),
    fix: null,
  };
}
