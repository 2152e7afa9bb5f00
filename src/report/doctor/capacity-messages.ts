// The English of findings about more being promised than there is, and guests held below what they were given.
import type { CapacityFacts } from '#domain/doctor/capacity-facts.ts';
import { encodeIdList } from '#domain/id-list.ts';
import { renderMib } from '../memory-text.ts';
import type { DoctorMessages } from './message.ts';

const cores = (count: number): string => `${count} ${count === 1 ? 'core' : 'cores'}`;

/** One core is the host's own, whatever else runs. */
function coreUsers({ zfsPools, cephDaemons, isClustered }: CapacityFacts['host-cores-few']): string {
  return [
    'the host itself',
    ...(zfsPools > 0 ? ['ZFS'] : []),
    ...(cephDaemons > 0 ? [`Ceph (${cores(cephDaemons)})`] : []),
    ...(isClustered ? ['corosync'] : []),
  ].join(', ');
}

/** What the kernel takes is bytes. */
const BYTES_PER_MIB = 1024 * 1024;
const arcLimitMiB = ({ guestsMiB, totalMiB }: CapacityFacts['arc-crowds-guests']): number =>
  Math.max(1, Math.floor((totalMiB - guestsMiB) / 2));

export const capacityMessages: DoctorMessages<CapacityFacts> = {
  'cpulimit-throttles': {
    what: f =>
      f.limit < f.cpus
        ? `cpulimit: ${f.limit} leaves part of its ${f.cpus} CPUs unused.`
        : `cpulimit: ${f.limit} stops all of its vCPUs whenever its other threads work too.`,
    why: 'The limit is a quota of CPU time in each tenth of a second, for all threads of the guest together: when it is used up, all of them stand still until the next.',
    advice: () => 'Remove cpulimit: its CPUs limit the guest already.',
  },
  'dedicated-overcommitted': {
    what: f =>
      `Guests ${f.vmids.join(', ')} are to have CPUs of their own: ${cores(f.cores)} at the least, and ${f.available} of this machine can be given away.`,
    why: 'A dedicated vCPU has a host CPU for itself, so that more than there are cannot be had: `berth plan` finds no layout.',
    advice: f =>
      `Make some of them class=confined or give them fewer vCPUs (\`berth policy set ${f.vmids.at(-1) ?? 'VMID'} class=confined\`); \`berth plan\` says which cannot be together.`,
  },
  'pairs-odd-vcpus': {
    what: f =>
      `It has ${f.vcpus} ${f.vcpus === 1 ? 'vCPU' : 'vCPUs'} and smt: pairs: one thread of its last core stays idle.`,
    why: 'With pairs vCPUs 2k and 2k+1 are the two threads of one core; the partner of the last one is missing, and nobody else is let onto that core.',
    advice: f => `Give it ${f.vcpus + 1} vCPUs${f.vcpus > 1 ? ` or ${f.vcpus - 1}` : ''}, or another smt.`,
  },
  'host-cores-few': {
    what: f =>
      `Everything but the guests wants ${cores(f.wanted)} (${coreUsers(f)}); ${f.cores === 0 ? 'no whole core' : `${f.cores} whole`} is left${f.left.isEmpty ? '' : ` of CPUs ${encodeIdList(f.left)}`}.`,
    why: 'Disk traffic, network, migration and backup of all guests run on what is left. Where that is full, guests wait for their disks, OSDs are marked down, and corosync loses its token: with high availability the watchdog then resets the node.',
    advice: () =>
      'Give guests fewer CPUs of their own, or set more aside: `housekeeping: { coresPerNode: N }` in the policy, then `berth plan`.',
  },
  'arc-crowds-guests': {
    what: f =>
      `ZFS may keep ${renderMib(f.arcMaxMiB)} of ${renderMib(f.totalMiB)} for its cache, and guests want ${renderMib(f.guestsMiB)}: together more than there is, while ${f.vmids.length === 1 ? 'guest' : 'guests'} ${f.vmids.join(', ')} ${f.vmids.length === 1 ? 'takes' : 'take'} no memory but that of ${f.vmids.length === 1 ? 'its' : 'their'} nodes or pools.`,
    why: 'The ARC gives memory back under pressure, but slowly and from whichever node: a start with hugepages fails meanwhile, and a bound guest can meet the OOM killer.',
    advice: f =>
      `Write \`options zfs zfs_arc_max=${arcLimitMiB(f) * BYTES_PER_MIB}\` into /etc/modprobe.d/zfs.conf and run \`update-initramfs -u -k all\`; for now the same number into /sys/module/zfs/parameters/zfs_arc_max.`,
  },
};
