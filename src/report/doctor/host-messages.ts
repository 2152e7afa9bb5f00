// The English of findings about the host's kernel, cgroups and interrupts.
import type { HostFacts, KernelWorkFacts } from '#domain/doctor/host-facts.ts';
import { encodeIdList } from '#domain/id-list.ts';
import type { VmId } from '#domain/ids.ts';
import { printable } from '../printable.ts';
import { cpuWords } from './count-words.ts';
import type { DoctorMessages } from './message.ts';

const vms = (vmids: readonly VmId[]): string => `${vmids.length === 1 ? 'VM' : 'VMs'} ${vmids.join(', ')}`;

const keepOff = ({ rest }: KernelWorkFacts['workqueues-on-pinned'], remark: string): string =>
  rest.isEmpty
    ? 'No CPU is left for it: give the guests fewer CPUs of their own.'
    : `Where microseconds count, keep it to ${cpuWords(rest)}: ${remark}`;

export const hostMessages: DoctorMessages<HostFacts> = {
  'cgroup-v1': {
    what: () => 'This host uses cgroup version 1.',
    why: 'Cpuset partitions, which keep others off dedicated CPUs, need version 2, and lines such as lxc.cgroup2.cpuset.cpus mean nothing to version 1.',
    advice: f =>
      f.requested
        ? 'Remove systemd.unified_cgroup_hierarchy=0 from the kernel command line and reboot, unless an old container needs it.'
        : 'Upgrade to a Proxmox VE that boots with cgroup version 2 (7.0 and later).',
  },
  'cgroup-narrows-vm': {
    what: f =>
      `${printable(f.cgroup)} allows ${cpuWords(f.allowed)} only, so that its pins to ${cpuWords(f.cpus)} count for nothing.`,
    why: 'A thread runs where both its mask and the cpuset of its cgroup allow; where they have nothing in common, the kernel takes the whole cpuset.',
    advice: f =>
      `Run \`systemctl set-property --runtime ${printable(f.cgroup.split('/').at(-1) ?? '')} AllowedCPUs=${encodeIdList(f.allowed.union(f.cpus))}\`, then read cpuset.cpus: to empty the property often leaves the old set.`,
  },
  'exclusive-leftover': {
    what: f => `${printable(f.cgroup)} still claims ${cpuWords(f.cpus)} for partitions that are gone.`,
    why: 'cpuset.cpus.exclusive stays when the cgroup below it goes; no other slice can then make a partition of these CPUs.',
    advice: () => 'Write the CPUs of the partitions that are left, or an empty line when there is none.',
  },
  'partition-invalid': {
    what: f =>
      `The cpuset partition of ${printable(f.cgroup)} is not in force${f.reason === '' ? '' : `: ${printable(f.reason)}`}.`,
    why: 'The kernel takes the word and only says "invalid" when the file is read again: these CPUs are open to everybody.',
    advice: () =>
      'Remove what is in its way (a parent without the cpuset controller, another set with the same CPUs), write "isolated" again and read it back; or write "member".',
  },
  'partition-leftover': {
    what: f =>
      `Nobody is in ${printable(f.cgroup)}, yet its cpuset partition keeps ${f.cpus.isEmpty ? 'its CPUs' : cpuWords(f.cpus)} from everybody else.`,
    why: 'A partition takes its CPUs out of the sets of all other cgroups, and does so until it is dissolved, whether or not anything runs in it.',
    advice: () => 'Dissolve it: its CPUs come back at once. VMs whose affinity lies in it cannot start until then.',
  },
  'systemd-narrows-vms': {
    what: f =>
      `CPUAffinity= of systemd holds ${vms(f.vmids)} to ${cpuWords(f.cpus)}: VMs without an affinity inherit it.`,
    why: 'Every process inherits the mask of its parent: the services of Proxmox from systemd, QEMU from them. Only taskset, which comes with an affinity, widens it.',
    advice: () =>
      'Remove CPUAffinity= and keep others off dedicated CPUs in another way (`berth plan` does), or give these VMs an affinity.',
  },
  'interrupts-on-pinned': {
    what: f =>
      `${f.interrupts.length === 1 ? 'An interrupt' : `${f.interrupts.length} interrupts`} of ${f.names.map(printable).join(', ')} came ${f.perSecond} times a second on ${cpuWords(f.cpus)}, kept for guests.`,
    why: 'An interrupt stops whatever runs on its CPU, a vCPU as well, and brings the work that it calls for.',
    advice: () =>
      'Move them to other CPUs; it lasts until the next boot, or until irqbalance moves them again. A write that fails is about a managed interrupt: only isolcpus=managed_irq, at boot, moves those.',
  },
  'irqbalance-on-pinned': {
    what: f => `irqbalance may put interrupts on ${cpuWords(f.cpus)}, kept for guests.`,
    why: 'It spreads interrupts over all CPUs that are neither banned nor isolated at boot, and undoes what was set by hand.',
    advice: f =>
      `Write IRQBALANCE_BANNED_CPULIST=${encodeIdList(f.cpus)} into /etc/default/irqbalance and run \`systemctl restart irqbalance\`, or remove irqbalance.`,
  },
  'workqueues-on-pinned': {
    what: f => `Deferred work of the kernel (unbound workqueues) may run on ${cpuWords(f.cpus)}, kept for guests.`,
    why: 'Writeback of dirty pages, disk encryption and many drivers hand their work to such threads, and the kernel starts one wherever the mask allows: a vCPU waits for as long as it works.',
    advice: f =>
      keepOff(f, 'that lasts until the next boot. isolcpus and cpuset partitions narrow the mask by themselves.'),
  },
  'watchdog-on-pinned': {
    what: f => `The kernel's watchdog against lockups runs on ${cpuWords(f.cpus)}, kept for guests.`,
    why: 'Every few seconds it takes each of its CPUs for some microseconds, to see that the CPU still answers.',
    advice: f => keepOff(f, 'a line in /etc/sysctl.d keeps it so. A CPU that hangs is then no longer reported.'),
  },
  'governor-powersave': {
    what: f => `CPUs kept for guests run with governor powersave (${printable(f.driver)}): ${encodeIdList(f.cpus)}.`,
    why: 'With this driver the frequency follows the load: the first milliseconds after a rest are slow.',
    advice: () => 'Use governor performance on these CPUs; it lasts until the next boot.',
  },
  'governor-lowest': {
    what: f => `CPUs kept for guests stay at their lowest frequency (${printable(f.driver)}): ${encodeIdList(f.cpus)}.`,
    why: 'With this driver the governor powersave means the lowest frequency at all times, whatever the load.',
    advice: () => 'Use governor performance on these CPUs; it lasts until the next boot.',
  },
  'halt-polling-off': {
    what: f =>
      `Halt polling is off, although ${vms(f.vmids)} ${f.vmids.length === 1 ? 'has' : 'have'} CPUs to poll on.`,
    why: 'A vCPU that waits for a moment first polls; without that each pause puts the CPU to sleep and costs a wake-up.',
    advice: () =>
      'Where nobody else uses these CPUs: `echo 200000 > /sys/module/kvm/parameters/halt_poll_ns` (the default), and look for kvm halt_poll_ns=0 in /etc/modprobe.d.',
  },
  'kernel-resets-masks': {
    what: f =>
      `Kernel ${printable(f.release)} forgets the pins of ${vms(f.vmids)} whenever a cpuset above them changes.`,
    why: 'Before 6.2 a change of a cpuset overwrites the masks of all threads below it: the first container that starts is enough.',
    advice: () => 'Use a kernel 6.2 or later (Proxmox VE 8); until then pin again after such changes and verify.',
  },
  'ksmtuned-beside-pinned': {
    what: f => `ksmtuned runs, and may have the memory of ${vms(f.vmids)} merged.`,
    why: 'When memory gets short it starts KSM, which scans all guests, spends CPU time, and makes a write to a merged page wait for a copy.',
    advice: f =>
      `Leave ${f.vmids.length === 1 ? 'the VM' : 'these VMs'} out (\`qm set VMID --allow-ksm 0\`, qemu-server 9.0.27 and later), or \`systemctl disable --now ksmtuned\` where memory is plenty.`,
  },
  'realtime-threads': {
    what: f =>
      `${f.threads === 1 ? 'One of its threads has' : `${f.threads} of its threads have`} real-time priority, up to ${f.priority}.`,
    why: 'A vCPU that spins then keeps every other task off its CPU, kernel threads too: writeback, RCU and the watchdog wait, and the host may hang.',
    advice: (_, subject) =>
      `Give the threads CPUs of their own and ordinary priority: \`chrt -a -o -p 0 $(cat /run/qemu-server/${subject}.pid)\`; look into the hookscript for chrt.`,
  },
};
