// Every peer's algorithm that the benchmark compares with, from the simplest to the cleverest.
import type { PlacementAlgorithm } from '../placement-algorithm.ts';
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

export const placementAlgorithms: readonly PlacementAlgorithm[] = [
  noPinning,
  novaSpread,
  novaPack,
  kubeletPacked,
  kubeletUncore,
  kubeletDistributed,
  kubeletBestEffort,
  kubeletRestricted,
  kubeletSingleNode,
];
