// Every peer's algorithm that the benchmark compares with, from the simplest to the cleverest.
import type { PlacementAlgorithm } from '../placement-algorithm.ts';
import { noPinning } from './no-pinning.ts';

export const placementAlgorithms: readonly PlacementAlgorithm[] = [noPinning];
