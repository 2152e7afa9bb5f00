// Shows a measurement, and keeps it.
import { measurementJson } from '#contract/measurement.ts';
import { encodeJson } from '#contract/read-json.ts';
import type { Measurement } from '#domain/measurement.ts';
import { writeMeasurement } from '#host/measurement-files.ts';
import { renderBenchSummary } from '#report/bench/bench-text.ts';
import type { CommandContext } from '../command-context.ts';
import { chooseSpark } from './choose-spark.ts';

/** Kept first: what cannot be printed is not lost. */
export function keepMeasurement(context: CommandContext, measurement: Measurement): void {
  const { path, problem } = writeMeasurement(context.host, measurement);
  showMeasurement(context, measurement);
  if (problem !== null) context.tell(`${problem}. Until the next boot it is kept in memory instead.\n`);
  context.tell(
    `Kept as ${measurement.id} in ${path}; \`berth bench --show ${measurement.id} --html FILE\` makes a page of it\n`,
  );
}

export function showMeasurement({ json, print, paint, width }: CommandContext, measurement: Measurement): void {
  if (json) print(encodeJson(measurementJson, { schema: 'berth/measurement/1', ...measurement }));
  else print(renderBenchSummary(measurement, { paint, width, spark: chooseSpark(process.env) }));
}
