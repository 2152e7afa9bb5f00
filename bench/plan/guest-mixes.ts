// Seeded mixes of guests for a host, up to a part of its CPUs.
import { type VmId, vmId } from '#domain/ids.ts';
import type { SmtPolicy } from '#domain/policy.ts';
import type { BenchHost } from './bench-hosts.ts';
import { countGuestNodes } from './guest-nodes.ts';
import type { BenchVm } from './plan-case.ts';
import type { Random } from './random.ts';

/** Lists are picked from evenly: what is named twice comes twice as often. */
export interface Mix {
  readonly name: string;
  /** vCPUs, as numbers or as parts of the CPUs that the largest node gives. */
  readonly sizes: readonly number[];
  readonly unit: 'vcpus' | 'nodes';
  /** Where cores have one thread, all are `any`. */
  readonly smt: readonly SmtPolicy[];
  /** Memory per vCPU, as part of what the host has for each of its CPUs. */
  readonly memory: readonly number[];
  readonly confined: readonly boolean[];
  readonly hasDevice: readonly boolean[];
}

const NEVER = [false];

export const MIXES: readonly Mix[] = [
  {
    name: 'homelab',
    sizes: [1, 2, 2, 2, 4, 4, 8],
    unit: 'vcpus',
    smt: ['any'],
    memory: [0.5],
    confined: NEVER,
    hasDevice: [false, false, false, true],
  },
  {
    name: 'mixed',
    sizes: [1, 2, 3, 4, 4, 5, 6, 8, 12],
    unit: 'vcpus',
    smt: ['any', 'any', 'pairs', 'isolate'],
    memory: [0.2, 0.4, 0.8, 1.6],
    confined: NEVER,
    hasDevice: [false, false, false, true],
  },
  {
    name: 'databases',
    sizes: [0.25, 0.5, 0.75, 1, 1.25],
    unit: 'nodes',
    smt: ['any', 'pairs'],
    memory: [0.9],
    confined: NEVER,
    hasDevice: NEVER,
  },
  {
    name: 'confined',
    sizes: [1, 2, 4, 4, 6, 8],
    unit: 'vcpus',
    smt: ['any', 'isolate'],
    memory: [0.3, 0.6],
    confined: [false, true],
    hasDevice: NEVER,
  },
];

/** The host is not asked for more guests than this; on large hosts each of them is larger. */
const MOST_GUESTS = 60;

export interface MixInput {
  readonly host: BenchHost;
  readonly mix: Mix;
  /** CPUs to ask for, at most; idle siblings count. */
  readonly cpus: number;
  readonly firstVmid: VmId;
  readonly random: Random;
}

/** VMs until nothing more fits into the number of CPUs; the last one is as large as what is left. */
export function makeVms({ host, mix, cpus, firstVmid, random }: MixInput): readonly BenchVm[] {
  const { topology, memory, housekeeping } = host;
  const usable = topology.online.difference(housekeeping);
  const threads = Math.min(...topology.cores.map(core => core.cpus.size));
  const deviceNodes = topology.nodes.filter(node => !node.cpus.isEmpty).map(node => node.id);
  const mibPerCpu = memory.reduce((sum, node) => sum + node.availableMiB, 0) / usable.size;
  const sizes = sizesFor(host, mix);
  const vms: BenchVm[] = [];
  let left = cpus;
  while (left >= 1) {
    const smt = threads === 1 ? 'any' : random.pick(mix.smt);
    const cpusPerVcpu = smt === 'isolate' ? threads : 1;
    const vcpus = Math.min(random.pick(sizes), Math.floor(left / cpusPerVcpu));
    if (vcpus === 0) break;
    const wanted = {
      vcpus,
      smt,
      // No VM starts with less than 16 MiB.
      memoryMiB: Math.max(16, Math.floor(vcpus * mibPerCpu * random.pick(mix.memory))),
    };
    vms.push({
      ...wanted,
      vmid: vmId(firstVmid + vms.length),
      guestNodes: countGuestNodes(wanted, host),
      deviceNode: random.pick(mix.hasDevice) ? random.pick(deviceNodes) : null,
      class: random.pick(mix.confined) ? 'confined' : 'dedicated',
      span: random.pick(['llc', 'node']),
    });
    left -= smt === 'pairs' ? Math.ceil(vcpus / threads) * threads : vcpus * cpusPerVcpu;
  }
  return vms;
}

function sizesFor({ topology, housekeeping }: BenchHost, { sizes, unit }: Mix): readonly number[] {
  const perNode = topology.nodes.map(node => node.cpus.difference(housekeeping).size);
  if (unit === 'nodes') return sizes.map(part => Math.max(1, Math.floor(part * Math.max(...perNode))));
  const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
  const all = perNode.reduce((sum, size) => sum + size, 0);
  const scale = Math.max(1, Math.round(all / mean / MOST_GUESTS));
  return sizes.map(size => size * scale);
}
