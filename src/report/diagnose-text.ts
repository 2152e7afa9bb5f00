// What diagnose found: for each guest the verdict in plain words, the numbers behind it, and what to do.
import {
  type ContainerDiagnosis,
  type DiagnoseReport,
  type GuestDiagnosis,
  type GuestMeasure,
  type HelperMeasure,
  type HostLoad,
  isLoss,
  type VcpuMeasure,
  type Verdict,
} from '#domain/diagnosis.ts';
import { encodeIdList } from '#domain/id-list.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { Unknown } from '#domain/text-tree.ts';
import {
  ADVICE_TEXTS,
  nameCompetitor,
  OBSTACLE_TEXTS,
  renderShare,
  STATE_TEXTS,
  VERDICT_TEXTS,
} from './diagnose-words.ts';
import { renderMib } from './memory-text.ts';
import type { Paint } from './paint.ts';
import { nameOf } from './plan-text.ts';
import { printable } from './printable.ts';

export function renderDiagnosis(report: DiagnoseReport, inventory: Inventory, paint: Paint): string {
  const { node, seconds, interrupted, host, guests, containers, unknown } = report;
  const early = interrupted ? paint.warn(', ended early') : '';
  const lines = [
    `${paint.bold(`Diagnose ${node}`)}  ${seconds.toFixed(1)} s${early}  ${describeHost(host)}`,
    ...guests.flatMap(guest => ['', ...renderGuestDiagnosis(guest, inventory, paint)]),
    ...containers.flatMap(container => ['', ...renderContainer(container, inventory, paint)]),
    ...(guests.length + containers.length === 0 ? ['', 'No guest runs on this node.'] : []),
    ...renderUnknown(unknown).map(line => paint.dim(line)),
  ];
  return `${lines.join('\n')}\n`;
}

export interface ProgressOptions {
  readonly elapsedMs: number;
  readonly seconds: number;
  readonly width: number;
}

/** One line while it goes on, of what was seen lately: `4 of 10 s  101 waits 23 %, 104 waits 0.2 %`, the worst first. */
export function renderProgress({ guests }: DiagnoseReport, { elapsedMs, seconds, width }: ProgressOptions): string {
  const waits = guests
    .flatMap(guest => (guest.state === 'measured' ? [{ vmid: guest.vmid, share: guest.measure.waitShare }] : []))
    .sort((a, b) => b.share - a.share || a.vmid - b.vmid)
    .map(({ vmid, share }) => `${vmid} waits ${renderShare(share)}`);
  return `${Math.round(elapsedMs / 1000)} of ${seconds} s  ${waits.join(', ')}`.slice(0, Math.max(0, width - 1));
}

/** One line for each reason: many guests may lack the same. */
function renderUnknown(unknown: readonly Unknown[]): string[] {
  const paths = new Map<string, Set<string>>();
  for (const { path, reason } of unknown) paths.set(reason, (paths.get(reason) ?? new Set()).add(path));
  const lines = [...paths].map(([reason, [first = '', ...more]]) => {
    const others = more.length === 0 ? '' : ` and ${more.length} more`;
    return `not known: ${printable(`${first}${others}: ${reason}`)}`;
  });
  return lines.length === 0 ? [] : ['', ...lines];
}

function describeHost({ busyShare, cpuStall, memoryStall, ioStall }: HostLoad): string {
  const stalls = [
    ['a CPU', cpuStall],
    ['memory', memoryStall],
    ['disks', ioStall],
  ] as const;
  const known = stalls.flatMap(([what, share]) => (share === null ? [] : [`${renderShare(share)} for ${what}`]));
  const waited = known.length === 0 ? '' : `; some task waited ${known.join(', ')}`;
  return `host ${renderShare(busyShare)} busy${waited}`;
}

function renderGuestDiagnosis(guest: GuestDiagnosis, inventory: Inventory, paint: Paint): string[] {
  const title = paint.bold(`${guest.vmid} ${nameOf(guest.vmid, inventory)}`.trimEnd());
  if (guest.state !== 'measured') {
    const reason = guest.reason === null ? '' : ` ${printable(guest.reason)}`;
    return [`${paint.dim('·')} ${title}: ${STATE_TEXTS[guest.state]}${reason}`];
  }
  const { measure, verdicts, advice, doNotPin } = guest;
  const isIdle = verdicts.some(({ kind }) => kind === 'idle-nothing-to-see');
  return [
    ...renderVerdicts(title, verdicts, paint),
    ...(isIdle ? [] : renderEvidence(measure, inventory).map(line => paint.dim(`    ${line}`))),
    ...advice
      .filter(kind => kind !== 'nothing')
      .map(kind => `    Do: ${ADVICE_TEXTS[kind]({ vmid: guest.vmid, command: 'qm' })}`),
    ...(doNotPin === null ? [] : [`    Do not pin it: ${OBSTACLE_TEXTS[doNotPin]}.`]),
  ];
}

function renderVerdicts(title: string, verdicts: readonly Verdict[], paint: Paint): string[] {
  const mark = verdicts.some(isLoss) ? paint.bad('✗') : paint.good('✓');
  const [first = '', ...more] = verdicts.map(({ kind, share }) => VERDICT_TEXTS[kind](renderShare(share)));
  return [`${mark} ${title}: ${first}`, ...more.map(sentence => `    ${sentence}`)];
}

function renderContainer(
  { vmid, measure, verdicts, advice }: ContainerDiagnosis,
  inventory: Inventory,
  paint: Paint,
): string[] {
  const { usedCpus, cores, allowed, throttledPeriods, cpuStall, memoryStall, ioStall, running } = measure;
  const isIdle = verdicts.some(({ kind }) => kind === 'idle-nothing-to-see');
  const ran = running.map(
    ({ who, share }) => `${nameCompetitor(who, other => nameOf(other, inventory))} ${renderShare(share)}`,
  );
  const stalls = [
    ['a CPU', cpuStall],
    ['memory', memoryStall],
    ['disks', ioStall],
  ] as const;
  const waited = stalls.flatMap(([what, share]) => (share === null ? [] : [`${renderShare(share)} for ${what}`]));
  const evidence = [
    `used ${usedCpus.toFixed(2)} CPUs; may run on ${allowed.size === 1 ? 'CPU' : 'CPUs'} ${encodeIdList(allowed)}${cores === null ? '' : `, cores: ${cores}`}`,
    ...(ran.length > 0 ? [`on those CPUs ran ${ran.join(', ')}`] : []),
    ...(waited.length > 0 ? [`some task of it waited ${waited.join(', ')}`] : []),
    ...(throttledPeriods === null ? [] : [`its limit stopped it in ${renderShare(throttledPeriods)} of the periods`]),
  ];
  return [
    ...renderVerdicts(paint.bold(`${vmid} ${nameOf(vmid, inventory)}`.trimEnd()), verdicts, paint),
    ...(isIdle ? [] : evidence.map(line => paint.dim(`    ${line}`))),
    ...advice.filter(kind => kind !== 'nothing').map(kind => `    Do: ${ADVICE_TEXTS[kind]({ vmid, command: 'pct' })}`),
  ];
}

/** Most of a large guest's vCPUs are alike: those that waited most are shown. */
const MOST_VCPUS = 8;

function renderEvidence(measure: GuestMeasure, inventory: Inventory): string[] {
  const { vcpus, runShare, waitShare, competition } = measure;
  const lostTo = competition.map(
    ({ who, share }) => `${nameCompetitor(who, vmid => nameOf(vmid, inventory))} ${renderShare(share)}`,
  );
  const worst = [...vcpus].sort((a, b) => b.waitShare - a.waitShare || a.index - b.index).slice(0, MOST_VCPUS);
  const left = vcpus.length - worst.length;
  return [
    `ran ${renderShare(runShare)} of the time on ${vcpus.length} vCPU${vcpus.length === 1 ? '' : 's'}, waited ${renderShare(waitShare)} of the time in which it wanted a CPU`,
    ...(lostTo.length > 0 ? [`lost to ${lostTo.join(', ')}`] : []),
    ...worst.sort((a, b) => a.index - b.index).map(renderVcpu),
    ...(left > 0 ? [`… and ${left} vCPUs that waited less`] : []),
    ...measure.helpers.map(renderHelper),
    ...renderMemory(measure),
    ...renderRest(measure),
  ];
}

function renderVcpu(vcpu: VcpuMeasure): string {
  const { index, runShare, waitShare, waitPerSliceUs, involuntaryPerS, migrationsPerS, cpus, allowed } = vcpu;
  return [
    `vCPU ${index}: ran ${renderShare(runShare)}, waited ${renderShare(waitShare)}, ${renderUs(waitPerSliceUs)} each time`,
    involuntaryPerS === null ? '' : `, taken off ${renderRate(involuntaryPerS)}`,
    migrationsPerS === null ? '' : `, moved ${renderRate(migrationsPerS)}`,
    `, on CPU ${encodeIdList(cpus)} of ${encodeIdList(allowed)}`,
  ].join('');
}

function renderHelper({ kind, name, tid, runShare, waitShare, waitPerSliceUs, cpus }: HelperMeasure): string {
  return `${kind} ${printable(name)} (thread ${tid}): ran ${renderShare(runShare)} of the time, waited ${renderShare(waitShare)}, ${renderUs(waitPerSliceUs)} each time, on CPU ${encodeIdList(cpus)}`;
}

const renderRate = (perS: number): string => `${perS < 10 ? perS.toFixed(1).replace(/\.0$/, '') : Math.round(perS)}/s`;

const renderUs = (us: number): string => (us < 1000 ? `${Math.round(us)} µs` : `${(us / 1000).toFixed(1)} ms`);

function renderMemory({ memory }: GuestMeasure): string[] {
  if (memory === null) return [];
  const parts = [...memory.residentMiB].map(([node, mib]) => `${renderMib(mib)} on node ${node}`);
  return [`memory: ${parts.join(', ') || 'none yet'}; its vCPUs ran on node ${encodeIdList(memory.vcpuNodes)}`];
}

function renderRest(measure: GuestMeasure): string[] {
  const { throttledPeriods, cpuStall, memoryStall, ioStall, interruptsPerS, frequency } = measure;
  const facts = [
    throttledPeriods === null ? null : `its limit stopped it in ${renderShare(throttledPeriods)} of the periods`,
    cpuStall === null ? null : `some thread waited for a CPU ${renderShare(cpuStall)} of the time`,
    memoryStall === null || memoryStall === 0 ? null : `for memory ${renderShare(memoryStall)}`,
    ioStall === null || ioStall === 0 ? null : `for disks ${renderShare(ioStall)}`,
    interruptsPerS === null ? null : `${Math.round(interruptsPerS)} device interrupts/s on its CPUs`,
    frequency === null ? null : `${frequency.nowMHz} of ${frequency.maxMHz} MHz`,
  ].filter(fact => fact !== null);
  return facts.length === 0 ? [] : [facts.join('; ')];
}
