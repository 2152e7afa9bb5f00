// What an instrument shows of one block.
import type { LatencyInterval } from '#domain/measurement.ts';
import type { VcpuReading } from './run-delays.ts';

export interface BlockReading {
  readonly seconds: number;
  readonly vcpus: readonly VcpuReading[];
  readonly intervals: readonly LatencyInterval[];
  readonly lost: number;
}
