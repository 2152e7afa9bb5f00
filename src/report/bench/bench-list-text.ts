// The stored latency runs of a node, and two of them beside each other.
import type { Measurement, PercentileComparison } from '#domain/measurement.ts';
import type { Paint } from '../paint.ts';
import { printable } from '../printable.ts';
import { renderLatency, renderRatio, renderRatioEstimate } from './bench-numbers.ts';
import { renderVerdictTitle, verdictWords } from './bench-verdict.ts';
import { guestTitle } from './bench-words.ts';
import { renderColumns } from './text-columns.ts';

/** `berth bench --list`: oldest first. Ends with a newline. */
export function renderBenchList(measurements: readonly Measurement[], paint: Paint): string {
  if (measurements.length === 0) return 'No latency was measured on this node yet: berth bench VMID does it.\n';
  const [head = '', ...lines] = renderColumns(
    [['id', 'when (UTC)', 'guest', 'mode', 'p99.9', 'ratio', 'verdict'], ...measurements.map(listRow)],
    'left',
  );
  return `${[paint.bold(head), ...lines].join('\n')}\n`;
}

function listRow(measurement: Measurement): readonly string[] {
  const { id, startedAt, mode, phases, comparison, endedEarly } = measurement;
  const planned = phases.find(({ name }) => name === 'asPlanned') ?? phases[0];
  const ratio = comparison?.percentiles.find(({ percentile }) => percentile === 99.9)?.ratio.value;
  return [
    printable(id),
    startedAt.slice(0, 16).replace('T', ' '),
    guestTitle(measurement),
    mode,
    planned === undefined ? '–' : renderLatency(planned.all.p999Us),
    ratio === undefined ? '–' : renderRatio(ratio),
    `${verdictWords(measurement)}${endedEarly === null ? '' : ', ended early'}`,
  ];
}

/** `berth bench --compare A B`. Ends with a newline. */
export function renderBenchComparison(a: Measurement, b: Measurement, paint: Paint): string {
  const percentiles = (a.comparison?.percentiles ?? []).flatMap(left => {
    const right = b.comparison?.percentiles.find(({ percentile }) => percentile === left.percentile);
    return right === undefined ? [] : [{ left, right }];
  });
  const lines = [
    paint.bold(`${printable(a.id)}  ${renderVerdictTitle(a)}`),
    paint.bold(`${printable(b.id)}  ${renderVerdictTitle(b)}`),
    '',
    ...(percentiles.length === 0 ? renderFigures(a, b) : renderRatios(percentiles, [a, b])),
    '',
    ...differences(a, b).map(line => paint.warn(line)),
    paint.dim('They were not measured in turns: what changed on the host between them is in these numbers too.'),
  ];
  return `${lines.join('\n')}\n`;
}

interface Pair {
  readonly left: PercentileComparison;
  readonly right: PercentileComparison;
}

function renderRatios(pairs: readonly Pair[], [a, b]: readonly [Measurement, Measurement]): readonly string[] {
  return renderColumns([
    ['as planned ÷ as found', printable(a.id), printable(b.id), ''],
    ...pairs.map(({ left, right }) => {
      const overlap = left.ratio.low <= right.ratio.high && right.ratio.low <= left.ratio.high;
      const cells = [left, right].map(({ ratio }) => renderRatioEstimate(ratio));
      return [`p${left.percentile}`, ...cells, overlap ? 'intervals overlap' : 'intervals apart'];
    }),
  ]);
}

/** Runs without a comparison of their own: their last phase but the one as found again. */
function renderFigures(a: Measurement, b: Measurement): readonly string[] {
  const [left, right] = [a, b].map(({ phases }) => (phases.find(({ name }) => name === 'asPlanned') ?? phases[0])?.all);
  if (left === undefined || right === undefined) return ['One of them has no complete round.'];
  return renderColumns([
    ['', printable(a.id), printable(b.id)],
    ['p50', renderLatency(left.p50Us), renderLatency(right.p50Us)],
    ['p99', renderLatency(left.p99Us), renderLatency(right.p99Us)],
    ['p99.9', renderLatency(left.p999Us), renderLatency(right.p999Us)],
    ['p99.99', renderLatency(left.p9999Us), renderLatency(right.p9999Us)],
  ]);
}

/** What makes the two hard to compare. */
function differences(a: Measurement, b: Measurement): readonly string[] {
  const facts = [
    ['guest', `${a.vmid}`, `${b.vmid}`],
    ['node', a.node, b.node],
    ['mode', a.mode, b.mode],
    ['instrument', a.instrument, b.instrument],
    ['kernel', a.host.kernel ?? 'unknown', b.host.kernel ?? 'unknown'],
    ['made load', a.load?.kind ?? 'none', b.load?.kind ?? 'none'],
  ] as const;
  return facts.flatMap(([what, left, right]) =>
    left === right ? [] : [`Not the same ${what}: ${printable(left)} and ${printable(right)}.`],
  );
}
