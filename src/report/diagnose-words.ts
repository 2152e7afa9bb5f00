// The English of diagnoses: what each verdict means, what to do about it, and why pinning would not help.
import type { Advice, Competitor, GuestDiagnosis, PinObstacle, VerdictKind } from '#domain/diagnosis.ts';
import type { VmId } from '#domain/ids.ts';
import { printable } from './printable.ts';

/** `23 %`; small ones with a digit more, and what is there but tiny is never told as nothing. */
export function renderShare(share: number): string {
  const percent = share * 100;
  if (percent === 0) return '0 %';
  if (percent < 0.1) return 'less than 0.1 %';
  return `${percent < 10 ? percent.toFixed(1).replace(/\.0$/, '') : Math.round(percent)} %`;
}

/** Each a whole sentence; `share` is the verdict's own. */
export const VERDICT_TEXTS: Readonly<Record<VerdictKind, (share: string) => string>> = {
  'host-overcommitted': () => 'The host has more work than CPUs: whatever one guest is given, others lose.',
  'starved-by-guest': share => `Other guests hold its CPUs for ${share} of the time in which it wants them.`,
  'starved-by-host-tasks': share => `Tasks of the host hold its CPUs for ${share} of the time in which it wants them.`,
  'starved-by-itself': share =>
    `Its own threads get in each other's way for ${share} of the time in which they want a CPU.`,
  'throttled-by-limit': share => `Its CPU limit stops it for ${share} of the time in which it wants CPUs.`,
  'helpers-wait': share =>
    `Threads that serve it beside its vCPUs (disks, network) wait for a CPU: the worst for ${share} of the time.`,
  'narrow-cpuset': share => `${share} of its cores are not there: its cpuset has fewer CPUs.`,
  'memory-short': share => `It is short of memory: for ${share} of the time some task waits for pages.`,
  'memory-remote': share => `${share} of its memory is on NUMA nodes where its vCPUs do not run.`,
  wanders: share => `Its vCPUs wander: ${share} of their run time is away from where each mostly runs.`,
  fine: () => 'It loses nothing.',
  'idle-nothing-to-see': () => 'It was idle: there is nothing to judge. Try again when it works.',
};

/** Whom to advise about, and Proxmox's command for such guests. */
export interface Advised {
  readonly vmid: VmId;
  readonly command: 'qm' | 'pct';
}

/** `nothing` has no words of its own: the obstacle says why. */
export const ADVICE_TEXTS: Readonly<Record<Exclude<Advice, 'nothing'>, (guest: Advised) => string>> = {
  dedicated: ({ vmid }) =>
    `Give it CPUs of its own: \`berth policy set ${vmid} class=dedicated\`, then \`berth plan\`.`,
  confined: ({ vmid }) => `Keep it in one place: \`berth policy set ${vmid} class=confined\`, then \`berth plan\`.`,
  'raise-cpulimit': ({ vmid, command }) =>
    `Raise or remove its limit: \`${command} set ${vmid} --cpulimit …\`. Pinning cannot give what the limit takes.`,
  'move-memory-by-restart': () =>
    'Its memory moves when it is stopped and started with a placement (a reboot inside the guest is not enough).',
  'keep-others-off': () =>
    "It has CPUs of its own, and the host's tasks use them too: see `berth verify` for who may run there.",
  'widen-affinity': ({ vmid, command }) =>
    command === 'qm'
      ? `It may use fewer CPUs than it has vCPUs: widen its affinity, or give it fewer cores (\`qm config ${vmid}\`).`
      : `Give it more CPUs: \`pct set ${vmid} --cores …\`, or a wider lxc.cgroup2.cpuset.cpus line where it has one; \`pct cpusets\` shows who has which.`,
  weights: ({ vmid, command }) =>
    `Let weights decide who waits: \`${command} set ${vmid} --cpuunits 1000\` (100 is the default), or take load off this host.`,
  'own-emulator-cpus': ({ vmid }) =>
    `Give those threads CPUs of their own: \`berth policy set ${vmid} emulator=own\`, then \`berth plan\`.`,
  'more-memory': ({ vmid, command }) => `Give it more memory: \`${command} set ${vmid} --memory …\`.`,
};

export const OBSTACLE_TEXTS: Readonly<Record<PinObstacle, string>> = {
  'nothing-lost': 'it waits for less than 1 % of the time in which it wants a CPU',
  idle: 'it hardly ran',
  cpulimit: 'its CPU limit takes more than any neighbour could',
  'host-full': 'the host has no idle cores to give away',
  'small-host': 'the host has so few cores that the scheduler needs them all',
  'balanced-by-ha': "the cluster's balancer may move it to another node at any time",
  'would-not-help': 'what it loses has nothing to do with where it runs',
};

type Unmeasured = Exclude<GuestDiagnosis['state'], 'measured'>;

export const STATE_TEXTS: Readonly<Record<Unmeasured, string>> = {
  stopped: 'It does not run.',
  gone: 'It stopped while it was sampled.',
  unreadable: 'It runs, but could not be measured:',
};

export function nameCompetitor(who: Competitor, nameOf: (vmid: VmId) => string): string {
  switch (who.kind) {
    case 'guest':
      return `guest ${who.vmid} ${nameOf(who.vmid)}`.trimEnd();
    case 'task':
      return `${printable(who.name)} (process ${who.pid})`;
    case 'itself':
      return 'its own threads';
    case 'unseen':
      return 'short-lived tasks';
  }
}
