// `berth bench --list`, `--show` and `--compare`: what was measured on this node before.
import { measurementListJson } from '#contract/measurement.ts';
import { encodeJson } from '#contract/read-json.ts';
import type { Measurement } from '#domain/measurement.ts';
import { readMeasurement, readMeasurements } from '#host/measurement-files.ts';
import { renderBenchComparison, renderBenchList } from '#report/bench/bench-list-text.ts';
import { showMeasurement } from '../bench/keep-measurement.ts';
import { type ReportFiles, writeReport } from '../bench/write-report.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';

export async function listBench(context: CommandContext): Promise<ExitCode> {
  const measurements = readMeasurements(context.host);
  if (context.json) printList(context, measurements);
  else context.print(renderBenchList(measurements, context.paint));
  return 0;
}

/** On the terminal, or in files. */
export async function showBench(
  context: CommandContext,
  { id, ...files }: ReportFiles & { readonly id: string },
): Promise<ExitCode> {
  const measurement = readMeasurement(context.host, id);
  if (!writeReport(context, measurement, files)) showMeasurement(context, measurement);
  return 0;
}

export async function compareBench(
  context: CommandContext,
  [first, second]: readonly [string, string],
): Promise<ExitCode> {
  const [a, b] = [readMeasurement(context.host, first), readMeasurement(context.host, second)];
  if (context.json) printList(context, [a, b]);
  else context.print(renderBenchComparison(a, b, context.paint));
  return 0;
}

const printList = ({ print }: CommandContext, measurements: readonly Measurement[]): void =>
  print(
    encodeJson(measurementListJson, {
      schema: 'berth/measurements/1',
      measurements: measurements.map(measurement => ({ schema: 'berth/measurement/1' as const, ...measurement })),
    }),
  );
