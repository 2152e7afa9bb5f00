// For each peer a small host and a few VMs, in the order in which they come, that it places worse than they could be.

import { cpuSet } from '#domain/id-set.ts';
import type { NumaNodeId } from '#domain/ids.ts';
import { numaNodeId } from '#domain/ids.ts';
import { even } from './algorithms/even.ts';
import {
  kubeletBestEffort,
  kubeletDistributed,
  kubeletPacked,
  kubeletRestricted,
  kubeletSingleNode,
  kubeletUncore,
} from './algorithms/kubelet.ts';
import { noPinning } from './algorithms/no-pinning.ts';
import { novaPack, novaSpread } from './algorithms/nova.ts';
import { nriBalloonsPack, nriBalloonsSpread } from './algorithms/nri-balloons.ts';
import { nriTopologyAware } from './algorithms/nri-topology-aware.ts';
import { numad } from './algorithms/numad.ts';
import { openNebula } from './algorithms/opennebula.ts';
import { ovirt } from './algorithms/ovirt.ts';
import { proxmoxAffinity } from './algorithms/proxmox-affinity.ts';
import { proxmoxCpuAffinity } from './algorithms/proxmox-cpu-affinity.ts';
import { random } from './algorithms/random.ts';
import { xapi } from './algorithms/xapi.ts';
import type { HostState, PlacementAlgorithm, VmRequest } from './placement-algorithm.ts';
import { makeHostState, makeRequest } from './small-hosts.ts';

export interface CounterExample {
  readonly algorithm: PlacementAlgorithm;
  /** What goes wrong, in a few words. */
  readonly because: string;
  readonly state: HostState;
  readonly requests: readonly VmRequest[];
  /** Of each VM what it does: nodes, or caches where there is one node, `refused`, and `shared` CPUs. */
  readonly does: readonly string[];
  /** What is possible, in the same words. */
  readonly optimum: readonly string[];
}

const vms = (...vcpus: readonly number[]): readonly VmRequest[] =>
  vcpus.map((count, index) => makeRequest(100 + index, count));

const twoByEight = makeHostState({ cores: [[8], [8]] });
const twoBySixteen = makeHostState({ cores: [[16], [16]] });

/** Two VMs of four spread out leave no node for one of eight. */
const spreading = { state: twoByEight, requests: vms(4, 4, 8), optimum: ['n0', 'n0', 'n1'] };
/** Two VMs of three on one node leave two nodes with too little for one VM of five each. */
const packing = { state: twoByEight, requests: vms(3, 3, 5, 5), optimum: ['n0', 'n1', 'n0', 'n1'] };

const threeCaches = makeHostState({ cores: [[4, 4, 4]], usable: [1, 2, 3, 5, 6, 7, 8, 9, 10, 11] });

const twoPackagesOfTwo = makeHostState({
  cores: [[16], [16], [16], [16]],
  nodesPerPackage: 2,
  usable: Array.from({ length: 64 }, (_, cpu) => cpu).filter(cpu => cpu !== 31 && cpu !== 63),
  distances: [
    [10, 12, 32, 32],
    [12, 10, 32, 32],
    [32, 32, 10, 12],
    [32, 32, 12, 10],
  ],
});

/** Much memory and few CPUs on node 0, enough of both on node 1. */
const muchMemory: HostState = {
  ...makeHostState({ cores: [[16], [16]], freeMiB: [256_000, 20_480] }),
  usable: cpuSet([0, 1, 2, 3, ...Array.from({ length: 16 }, (_, n) => 16 + n)]),
};

const eightCores = makeHostState({ cores: [[4, 4]], threads: 2 });

const withDevice = (request: VmRequest, deviceNode: NumaNodeId): VmRequest => ({ ...request, deviceNode });

export const counterExamples: readonly CounterExample[] = [
  { algorithm: noPinning, because: 'runs where there is room', ...packing, does: ['n0', 'n0', 'n0+n1', 'n1'] },
  {
    algorithm: random,
    because: 'chance keeps nobody on a node',
    state: twoByEight,
    requests: vms(8),
    does: ['n0+n1'],
    optimum: ['n0'],
  },
  {
    algorithm: even,
    because: 'is even over the host, not over a node',
    state: twoByEight,
    requests: vms(4),
    does: ['n0+n1'],
    optimum: ['n0'],
  },
  {
    algorithm: proxmoxCpuAffinity,
    because: 'does not know what is taken',
    state: eightCores,
    requests: vms(4, 4, 4, 4),
    does: ['l0', 'l0 shared', 'l0 shared', 'l1'],
    optimum: ['l0', 'l0', 'l1', 'l1'],
  },
  {
    algorithm: proxmoxAffinity,
    because: 'begins at the first cache every time',
    state: eightCores,
    requests: vms(8, 8),
    does: ['l0', 'l0 shared'],
    optimum: ['l0', 'l1'],
  },
  {
    algorithm: numad,
    because: 'memory makes up for CPUs in a product',
    state: muchMemory,
    requests: [makeRequest(100, 8, { memoryMiB: 16_384 })],
    does: ['n0+n1'],
    optimum: ['n1'],
  },
  {
    algorithm: xapi,
    because: 'counts VMs and not their vCPUs',
    state: twoBySixteen,
    requests: vms(14, 1, 14, 1),
    does: ['n0', 'n1', 'n0 shared', 'n1'],
    optimum: ['n0', 'n0', 'n1', 'n1'],
  },
  { algorithm: ovirt, because: 'takes the emptiest package', ...spreading, does: ['n0', 'n1', 'refused'] },
  { algorithm: openNebula, because: 'takes the emptiest node', ...spreading, does: ['n1', 'n0', 'refused'] },
  { algorithm: novaSpread, because: 'takes the emptiest node', ...spreading, does: ['n0', 'n1', 'refused'] },
  {
    algorithm: novaSpread,
    because: 'is blind to distances',
    state: twoPackagesOfTwo,
    requests: [makeRequest(100, 30, { guestNodes: 2 })],
    does: ['n0+n2'],
    optimum: ['n0+n1'],
  },
  { algorithm: novaPack, because: 'fills the fullest node', ...packing, does: ['n0', 'n0', 'n1', 'refused'] },
  { algorithm: kubeletPacked, because: 'fills the fullest node', ...packing, does: ['n0', 'n0', 'n0+n1', 'n1'] },
  {
    algorithm: kubeletUncore,
    because: 'breaks the only whole cache for a VM that it does not hold',
    state: threeCaches,
    requests: vms(6, 4),
    does: ['l0+l2', 'l0+l1'],
    optimum: ['l0+l1', 'l2'],
  },
  { algorithm: kubeletDistributed, because: 'keeps the nodes evenly full', ...spreading, does: ['n0', 'n1', 'n0+n1'] },
  { algorithm: kubeletBestEffort, because: 'takes the lowest node', ...packing, does: ['n0', 'n0', 'n1', 'n0+n1'] },
  { algorithm: kubeletRestricted, because: 'takes the lowest node', ...packing, does: ['n0', 'n0', 'n1', 'refused'] },
  { algorithm: kubeletSingleNode, because: 'takes the lowest node', ...packing, does: ['n0', 'n0', 'n1', 'refused'] },
  {
    algorithm: kubeletSingleNode,
    because: 'does not keep room for who needs the device',
    state: twoByEight,
    requests: [...vms(8), withDevice(makeRequest(101, 4), numaNodeId(0))],
    does: ['n0', 'refused'],
    optimum: ['n1', 'n0'],
  },
  { algorithm: nriTopologyAware, because: 'takes the emptiest pool', ...spreading, does: ['n0', 'n1', 'n0+n1'] },
  { algorithm: nriBalloonsPack, because: 'fills the fullest node', ...packing, does: ['n0', 'n0', 'n1', 'n0+n1'] },
  { algorithm: nriBalloonsSpread, because: 'takes the emptiest node', ...spreading, does: ['n0', 'n1', 'n0+n1'] },
];
