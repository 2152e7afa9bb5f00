// The English of findings about isolated CPUs.
import type { IsolationFacts } from '#domain/doctor/isolation-facts.ts';
import { encodeIdList } from '#domain/id-list.ts';
import { printable } from '../printable.ts';
import { cpuWords } from './count-words.ts';
import type { DoctorMessages } from './message.ts';

const written = (name: string, values: readonly string[]): string =>
  values.map(value => printable(`${name}=${value}`)).join(' ');

/** The same CPUs with the flags that leave nothing there. */
const withFlags = (values: readonly string[]): string =>
  values.map(value => printable(`isolcpus=domain,managed_irq,${value.replace(/^([a-z_]+,)*/, '')}`)).join(' ');

export const isolationMessages: DoctorMessages<IsolationFacts> = {
  'cpu0-isolated': {
    what: f => `CPU 0 is among the CPUs of ${f.parameters.join(' and ')}.`,
    why: 'CPU 0 keeps time and takes interrupts whatever it is told: the kernel drops it from nohz_full, and what remains are two sets that do not match.',
    advice: () => "Isolate whole cores, both threads of each, and leave CPU 0's core out; then reboot.",
  },
  'isolated-pile-up': {
    what: f =>
      `Its affinity names isolated ${cpuWords(f.cpus)}: nothing spreads its ${f.vcpus === 1 ? 'threads' : `${f.vcpus} vCPUs`} over them.`,
    why: 'Isolated CPUs are outside load balancing: a thread stays on the one where it started, so all threads of the VM share one CPU while the others idle.',
    advice: (_, subject) =>
      `Pin every thread to a CPU of its own (\`berth policy set ${subject} class=dedicated\`, \`berth plan\`, \`berth apply\`), or take the CPUs out of isolcpus.`,
  },
  'isolated-siblings': {
    what: f => `CPUs ${encodeIdList(f.cpus)} are isolated, their sibling threads ${encodeIdList(f.siblings)} are not.`,
    why: 'The scheduler goes on using the siblings, and each of them shares its core with an isolated CPU: that one slows down whenever the other works.',
    advice: f =>
      `Add ${encodeIdList(f.siblings)} to the same parameters, or take ${encodeIdList(f.cpus)} out; then reboot.`,
  },
  'isolation-shortened': {
    what: f =>
      `The kernel took ${f.taken.isEmpty ? 'no CPU' : `only ${cpuWords(f.taken)}`} from ${written(f.parameter, f.values)}.`,
    why: 'A list with a CPU that the machine cannot have, or with a typing error, is refused as a whole, and so is a second list that differs from the first; the kernel says so in its log only.',
    advice: f =>
      `Write one ${f.parameter}= with CPUs that are there, then reboot; \`dmesg | grep -i housekeeping\` tells the reason.`,
  },
  'isolcpus-without-domain': {
    what: f => `${written('isolcpus', f.values)} takes no CPU away from the scheduler.`,
    why: 'Flags before the list replace the default, which is "domain": without that one load balancing goes on.',
    advice: f => `Write ${withFlags(f.values)}, then reboot.`,
  },
  'isolcpus-without-managed-irq': {
    what: f => `${written('isolcpus', f.values)} leaves managed interrupts on these CPUs.`,
    why: 'Drivers with a queue for each CPU, such as NVMe, let the kernel place the interrupts: no tool can move those away later.',
    advice: f => `If a device of that kind is busy, write ${withFlags(f.values)}, then reboot.`,
  },
  'nohz-full-unsupported': {
    what: f =>
      `nohz_full does nothing: ${f.release === '' ? 'the kernel' : `kernel ${printable(f.release)}`} was built without it.`,
    why: 'The parameter needs CONFIG_NO_HZ_FULL; a kernel without it says "Housekeeping: nohz unsupported" in its log and ticks on.',
    advice: () => 'Boot a Proxmox kernel 6.8 or later, or remove the parameter.',
  },
};
