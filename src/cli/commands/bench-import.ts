// `berth bench VMID --import FILE`: keeps a latency file that was taken elsewhere, beside those that were measured here.
import type { VmId } from '#domain/ids.ts';
import type { Measurement } from '#domain/measurement.ts';
import { HostError } from '#host/host-error.ts';
import { nextMeasurementId } from '#host/measurement-files.ts';
import { readNodeName } from '#host/read-node-name.ts';
import { describeImport } from '#latency/describe-import.ts';
import { parseLatencyFile } from '#latency/import-latency.ts';
import type { LatencyUnit } from '#latency/imported-run.ts';
import { keepMeasurement } from '../bench/keep-measurement.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';
import { readInputFile } from '../named-file.ts';

/** There is nothing in it to compare with: `berth bench --compare` puts two of them side by side. */
export async function importBench(
  context: CommandContext,
  { vmid, file, unit }: { vmid: VmId; file: string; unit: LatencyUnit | undefined },
): Promise<ExitCode> {
  const { host, now } = context;
  if (host.simulated)
    throw new HostError('refused', `Cannot keep a measurement in ${host.root}: it is a captured host`);
  const run = parseLatencyFile(readInputFile(file), { file, ...(unit === undefined ? {} : { unit }) });
  const at = now().toISOString();
  const measurement: Measurement = {
    ...{ id: nextMeasurementId(host), node: readNodeName(host), vmid, guestName: null, mode: 'import' },
    ...{ instrument: run.source, startedAt: at, finishedAt: at, endedEarly: null, plan: null, changes: [] },
    ...{ commands: run.command === null ? [] : [run.command], omissionCorrectedUs: null, load: null },
    host: { kernel: null, bootCommandLine: null, governors: [], memoryMiB: 0, topology: null },
    ...describeImport(run, at),
    comparison: null,
  };
  keepMeasurement(context, measurement);
  return 0;
}
