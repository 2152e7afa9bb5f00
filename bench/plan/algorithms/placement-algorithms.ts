// Every peer's algorithm that the benchmark compares with, from the simplest to the cleverest.
import type { PlacementAlgorithm } from '../placement-algorithm.ts';
import { even } from './even.ts';
import {
  kubeletBestEffort,
  kubeletDistributed,
  kubeletPacked,
  kubeletRestricted,
  kubeletSingleNode,
  kubeletUncore,
} from './kubelet.ts';
import { noPinning } from './no-pinning.ts';
import { novaPack, novaSpread } from './nova.ts';
import { nriBalloonsPack, nriBalloonsSpread } from './nri-balloons.ts';
import { nriTopologyAware } from './nri-topology-aware.ts';
import { numad } from './numad.ts';
import { openNebula } from './opennebula.ts';
import { ovirt } from './ovirt.ts';
import { proxmoxAffinity } from './proxmox-affinity.ts';
import { proxmoxCpuAffinity } from './proxmox-cpu-affinity.ts';
import { random } from './random.ts';
import { xapi } from './xapi.ts';

export const placementAlgorithms: readonly PlacementAlgorithm[] = [
  noPinning,
  random,
  even,
  proxmoxCpuAffinity,
  proxmoxAffinity,
  numad,
  xapi,
  ovirt,
  openNebula,
  novaSpread,
  novaPack,
  kubeletPacked,
  kubeletUncore,
  kubeletDistributed,
  kubeletBestEffort,
  kubeletRestricted,
  kubeletSingleNode,
  nriTopologyAware,
  nriBalloonsPack,
  nriBalloonsSpread,
];
