// Where the tools disagree with each other or with the files, and why that is no fault of ours.

export interface TopologyException {
  readonly machine: string;
  readonly dimension: string;
  readonly tool: string;
  readonly reason: string;
}

const HETEROGENEOUS =
  'lscpu 2.38 numbers cores within each processor type and merges unlike ones; lstopo agrees with us';
const OVERLAPPING = 'made up: nodes claim the same CPUs, and some CPUs are in none; we put every CPU into exactly one';

export const topologyExceptions: readonly TopologyException[] = [
  {
    machine: 'hwloc__64amd64-4s2n4ca2co',
    dimension: 'core',
    tool: 'lstopo',
    reason: 'Opteron modules: lstopo counts each half as a core; the kernel and lscpu make them thread siblings',
  },
  {
    machine: 'hwloc__8em64t-2s2ca2c-buggynuma',
    dimension: 'numa',
    tool: 'numactl',
    reason: 'broken firmware: eight nodes claim the same CPUs; we keep them in the lowest, lstopo merges the nodes',
  },
  { machine: 'hwloc__fakeheterocpunuma', dimension: 'numa', tool: 'lscpu', reason: OVERLAPPING },
  { machine: 'hwloc__fakeheterocpunuma', dimension: 'numa', tool: 'numactl', reason: OVERLAPPING },
  { machine: 'util-linux__arm-A510-A710-A715-X3', dimension: 'package', tool: 'lscpu', reason: HETEROGENEOUS },
  { machine: 'util-linux__arm-A510-A710-A715-X3', dimension: 'core', tool: 'lscpu', reason: HETEROGENEOUS },
  {
    machine: 'util-linux__sparc64',
    dimension: 'llc',
    tool: 'lscpu',
    reason:
      'no cache directories: files such as cpuN/l2_cache_size give a size for each CPU, not who shares it; lscpu takes one cache for each CPU, lstopo shows none',
  },
];
