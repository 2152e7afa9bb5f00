// Rules about interrupts that are served on CPUs which somebody keeps for a guest.
import type { InterruptFacts } from '#domain/doctor/host-facts.ts';
import { encodeIdList, parseCpuMask } from '#domain/id-list.ts';
import { type CpuSet, cpuSet } from '#domain/id-set.ts';
import { readInterrupts } from '../device-interrupts.ts';
import { type DoctorRules, hostRule, type Judgement } from '../doctor-rule.ts';
import type { DoctorView } from '../doctor-view.ts';
import { textEvidence, valueEvidence } from '../evidence.ts';
import { allExclusiveCpus } from '../exclusive-cpus.ts';
import { listedCpus } from '../listed-cpus.ts';

export const interruptRules: DoctorRules<InterruptFacts> = {
  'interrupts-on-pinned': hostRule('hurts-latency', findBusyInterrupts),
  'irqbalance-on-pinned': hostRule('hurts-latency', findIrqbalance),
};

/** An interrupt that comes less often on a CPU, on average since boot, disturbs nobody. */
const BUSY_PER_SECOND = 10;

/** Those of passed-through devices (`vfio-…`) are the guest's own. */
function findBusyInterrupts(view: DoctorView): Judgement<InterruptFacts['interrupts-on-pinned']> | null {
  const { texts, inventory } = view;
  const pinned = allExclusiveCpus(view);
  const seconds = Number(texts.uptime?.text.split(' ', 1)[0] ?? 0);
  if (texts.interrupts === null || pinned.isEmpty || !(seconds > 0)) return null;
  const busy = readInterrupts(texts.interrupts.text).flatMap(({ number, name, served }) => {
    const target = texts.interruptCpus.find(({ file }) => file === `/proc/irq/${number}/effective_affinity_list`);
    const cpus = ((target && listedCpus(target)) ?? cpuSet()).intersection(pinned);
    const perSecond = cpus.ids.reduce((sum, cpu) => sum + (served.get(cpu) ?? 0), 0) / seconds;
    const disturbs = target !== undefined && !name.startsWith('vfio-') && perSecond >= BUSY_PER_SECOND;
    return disturbs ? [{ number, name, cpus, perSecond, target }] : [];
  });
  if (busy.length === 0) return null;
  const others = encodeIdList(inventory.topology.online.difference(pinned));
  const files = busy.map(({ number }) => `/proc/irq/${number}/smp_affinity_list`).join(' ');
  return {
    facts: {
      cpus: cpuSet(busy.flatMap(({ cpus }) => cpus.ids)),
      interrupts: busy.map(({ number }) => number),
      names: [...new Set(busy.map(({ name }) => name))],
      perSecond: Math.round(busy.reduce((sum, { perSecond }) => sum + perSecond, 0)),
    },
    evidence: busy.flatMap(({ number, target }) => [
      ...valueEvidence(target),
      ...textEvidence(texts.interrupts, new RegExp(`^\\s*${number}:`)),
    ]),
    fix:
      others === ''
        ? null
        : { kind: 'commands', commands: [['sh', '-c', `for f in ${files}; do echo ${others} > $f; done`]] },
  };
}

function findIrqbalance(view: DoctorView): Judgement<InterruptFacts['irqbalance-on-pinned']> | null {
  const balancer = view.tasks.find(({ name }) => name === 'irqbalance');
  if (balancer === undefined) return null;
  const cpus = allExclusiveCpus(view).difference(bannedCpus(view));
  if (cpus.isEmpty) return null;
  const evidence = [
    { file: `/proc/${balancer.pid}/comm`, line: 1, text: balancer.name },
    ...textEvidence(irqbalanceConfig(view), BANNED),
  ];
  return { facts: { cpus }, evidence, fix: null };
}

const BANNED = /^\s*IRQBALANCE_BANNED_CPU(LIST|S)\s*=/;

/** What a host layer told it goes over its own configuration. */
const irqbalanceConfig = ({ texts }: DoctorView) => texts.irqbalanceBan ?? texts.irqbalance;

/** irqbalance(1): a list, else a mask; without either it leaves out what is isolated or tickless. */
function bannedCpus(view: DoctorView): CpuSet {
  const { topology } = view.inventory;
  const lines =
    irqbalanceConfig(view)
      ?.text.split('\n')
      .filter(line => BANNED.test(line)) ?? [];
  const lastValue = (name: string) =>
    lines
      .findLast(line => line.includes(name))
      ?.replace(BANNED, '')
      .replaceAll(/["'\s]/g, '') ?? '';
  const list = listedCpus({ file: '', text: lastValue('CPULIST') });
  if (list !== null && !list.isEmpty) return list;
  const mask = lastValue('CPUS').replace(/^0x/, '');
  return /^[0-9a-f]{1,8}(,[0-9a-f]{8})*$/i.test(mask) ? parseCpuMask(mask) : topology.isolated.union(topology.nohzFull);
}
