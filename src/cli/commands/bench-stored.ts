// `berth bench --list`, `--show` and `--compare`: what was measured on this node before.
import { readMeasurement, readMeasurements } from '#host/measurement-files.ts';
import { renderBenchComparison, renderBenchList } from '#report/bench/bench-list-text.ts';
import { renderBenchPage } from '#report/bench/bench-page.ts';
import { showMeasurement } from '../bench/keep-measurement.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';
import { writeOutputFile } from '../named-file.ts';

export async function listBench({ host, print, paint }: CommandContext): Promise<ExitCode> {
  print(renderBenchList(readMeasurements(host), paint));
  return 0;
}

/** On the terminal, or as a page for a browser. */
export async function showBench(
  context: CommandContext,
  { id, html }: { id: string; html: string | undefined },
): Promise<ExitCode> {
  const measurement = readMeasurement(context.host, id);
  if (html === undefined) showMeasurement(context, measurement);
  else {
    writeOutputFile(html, renderBenchPage(measurement));
    context.tell(`Wrote ${html}\n`);
  }
  return 0;
}

export async function compareBench(
  { host, print, paint }: CommandContext,
  [first, second]: readonly [string, string],
): Promise<ExitCode> {
  print(renderBenchComparison(readMeasurement(host, first), readMeasurement(host, second), paint));
  return 0;
}
