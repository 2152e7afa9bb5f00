// A latency run on a terminal: the verdict, the numbers, and small charts.
import type { MeasuredBlock, Measurement, PhaseName } from '#domain/measurement.ts';
import { flowWords, plainPiece } from '../flow-words.ts';
import type { Paint } from '../paint.ts';
import { printable } from '../printable.ts';
import { renderLatency, renderRatioEstimate } from './bench-numbers.ts';
import { renderVerdictSentence, renderVerdictTitle } from './bench-verdict.ts';
import { describeLimits, PHASE_NAMES } from './bench-words.ts';
import { makePhaseCurves, type PhaseCurve } from './phase-curves.ts';
import { renderSpark, type SparkStyle } from './spark.ts';
import { renderColumns } from './text-columns.ts';
import { hasCourse } from './time-chart.ts';

export interface BenchTextOptions {
  readonly paint: Paint;
  /** Columns of the terminal. */
  readonly width: number;
  readonly spark: SparkStyle;
}

/** Ends with a newline. */
export function renderBenchSummary(measurement: Measurement, options: BenchTextOptions): string {
  const { paint, width } = options;
  const { endedEarly } = measurement;
  const lines = [
    paintVerdict(measurement, paint)(renderVerdictTitle(measurement)),
    ...wrap(renderVerdictSentence(measurement), width),
    ...(endedEarly === null ? [] : wrap(`Ended early: ${printable(endedEarly)}`, width).map(line => paint.warn(line))),
    ...section('', renderNumbers(measurement)),
    ...section(paint.bold('How often each latency was seen'), renderDistribution(measurement, options)),
    ...section(paint.bold('99th percentile over time'), renderTime(measurement, options)),
    '',
    ...wrap(describeLimits(measurement).slice(0, 1).join(' '), width).map(line => paint.dim(line)),
  ];
  return `${lines.join('\n')}\n`;
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', ...(title === '' ? [] : [title]), ...lines];

function paintVerdict({ comparison }: Measurement, paint: Paint): (text: string) => string {
  switch (comparison?.verdict) {
    case 'better':
      return text => paint.bold(paint.good(text));
    case 'worse':
      return text => paint.bold(paint.bad(text));
    default:
      return text => paint.bold(text);
  }
}

const wrap = (text: string, width: number): readonly string[] =>
  flowWords(text.split(' ').map(plainPiece), { width, separator: ' ' });

/** Compared percentiles with intervals; else the figures of each phase. */
function renderNumbers({ comparison, phases }: Measurement): readonly string[] {
  if (comparison === null || comparison.percentiles.length === 0) {
    const rows = phases.map(({ name, all }) => [
      PHASE_NAMES[name],
      ...[all.p50Us, all.p99Us, all.p999Us, all.p9999Us, all.maxUs].map(renderLatency),
    ]);
    return rows.length === 0 ? [] : renderColumns([['', 'p50', 'p99', 'p99.9', 'p99.99', 'max'], ...rows]);
  }
  return renderColumns([
    ['', 'as found', 'as planned', 'ratio', 'noise floor'],
    ...comparison.percentiles.map(({ percentile, asFoundUs, asPlannedUs, ratio, noise }) => [
      `p${percentile}`,
      renderLatency(asFoundUs.value),
      renderLatency(asPlannedUs.value),
      renderRatioEstimate(ratio),
      renderRatioEstimate(noise),
    ]),
  ]);
}

const LABEL_WIDTH = 16;

/** Heights are logarithmic too: rare late events are what it is about. */
function renderDistribution({ phases }: Measurement, { width, spark }: BenchTextOptions): readonly string[] {
  const curves = makePhaseCurves(phases);
  const starts = curves.flatMap(({ steps }) => steps.map(({ fromUs }) => Math.log10(fromUs)));
  if (starts.length === 0) return [];
  const [least, most] = [Math.min(...starts), Math.max(...starts)];
  const columns = Math.max(8, Math.min(width - LABEL_WIDTH, Math.round((most - least) * 10) + 1));
  const lines = curves.map(
    curve =>
      `${PHASE_NAMES[curve.name].padEnd(LABEL_WIDTH)}${renderSpark(heights(curve, { least, most, columns }), spark).trimEnd()}`,
  );
  const [from, to] = [renderLatency(10 ** least), renderLatency(10 ** (most + 0.1))];
  return [...lines, `${' '.repeat(LABEL_WIDTH)}${from}${to.padStart(Math.max(1, columns - from.length))}`];
}

function heights(
  { steps, count }: PhaseCurve,
  { least, most, columns }: { readonly least: number; readonly most: number; readonly columns: number },
): readonly number[] {
  const counts = Array.from({ length: columns }, () => 0);
  for (const step of steps) {
    const column = Math.round(((Math.log10(step.fromUs) - least) / Math.max(most - least, 0.1)) * (columns - 1));
    counts[column] = (counts[column] ?? 0) + step.count;
  }
  return counts.map(own => (own === 0 ? 0 : Math.log10(own + 1) / Math.log10(count + 1)));
}

/** One column for each second or so, in the order of the blocks; phases on lines of their own. */
function renderTime(measurement: Measurement, { width, spark }: BenchTextOptions): readonly string[] {
  if (!hasCourse(measurement)) return [];
  const { blocks } = measurement;
  const values = blocks.flatMap(block => valuesOf(block).map(p99Us => ({ phase: block.phase, p99Us })));
  const largest = Math.max(0, ...values.map(({ p99Us }) => p99Us));
  if (largest === 0) return [];
  const least = Math.min(...values.map(({ p99Us }) => p99Us).filter(us => us > 0));
  const columns = Math.min(width - LABEL_WIDTH, values.length);
  const phases = [...new Set(blocks.map(({ phase }) => phase))];
  const height = (us: number): number =>
    us <= 0 ? 0 : Math.max(0.01, (Math.log10(us / least) / Math.max(Math.log10(largest / least), 0.1)) * 0.999);
  const lineOf = (phase: PhaseName): string => {
    const row = Array.from({ length: columns }, () => 0);
    for (const [index, value] of values.entries()) {
      const column = Math.floor((index / values.length) * columns);
      if (value.phase === phase) row[column] = Math.max(row[column] ?? 0, height(value.p99Us));
    }
    return renderSpark(row, spark).trimEnd();
  };
  return [
    ...phases.map(phase => `${PHASE_NAMES[phase].padEnd(LABEL_WIDTH)}${lineOf(phase)}`),
    `${' '.repeat(LABEL_WIDTH)}from ${renderLatency(least)} (lowest) to ${renderLatency(largest)} (highest)`,
  ];
}

const valuesOf = ({ intervals, all }: MeasuredBlock): readonly number[] =>
  intervals.length > 0 ? intervals.map(({ p99Us }) => p99Us) : [all.p99Us];
