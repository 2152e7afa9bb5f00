// What a latency run is called, how it was taken, and what it cannot show.
import type { Instrument, MadeLoad, Measurement, MeasurementMode, PhaseName } from '#domain/measurement.ts';
import { printable } from '../printable.ts';
import { renderLatency } from './bench-numbers.ts';

export const PHASE_NAMES: Readonly<Record<PhaseName, string>> = {
  asFound: 'as found',
  asPlanned: 'as planned',
  asFoundAgain: 'as found again',
};

/** What one event is, in the plural. */
export const EVENT_NAMES: Readonly<Record<Instrument, string>> = {
  'sched-trace': 'wakeups',
  schedstat: 'samples',
  cyclictest: 'wakeups',
  'hdr-log': 'values',
};

const INSTRUMENT_TEXTS: Readonly<Record<Instrument, string>> = {
  'sched-trace':
    'From the host: every time a vCPU thread became ready to run, the kernel’s trace events tell how long it waited until it ran.',
  schedstat:
    'From the host: the kernel’s scheduler statistics of every vCPU thread, read about every millisecond; a value is the mean wait within that time.',
  cyclictest: 'In the guest: cyclictest sleeps until a given time and measures how much later it runs.',
  'hdr-log': 'Elsewhere: an HDR histogram log, as it was imported.',
};

const LOAD_TEXTS: Readonly<Record<MadeLoad['kind'], string>> = {
  'stress-ng': 'stress-ng',
  'built-in': 'the built-in load',
};

/** `101 web`; names come from configs. */
export const guestTitle = ({ vmid, guestName }: Pick<Measurement, 'vmid' | 'guestName'>): string =>
  `${vmid} ${guestName === null ? '' : printable(guestName)}`.trimEnd();

/** Sentences. */
export function describeMethod(measurement: Measurement): readonly string[] {
  const { instrument, comparison, omissionCorrectedUs, load, blocks } = measurement;
  const lost = blocks.reduce((sum, block) => sum + block.lost, 0);
  return [
    INSTRUMENT_TEXTS[instrument],
    ...(comparison === null ? [] : [ROUNDS]),
    ...(comparison === null || comparison.percentiles.length === 0 ? [] : [intervals(comparison.confidence), FLOOR]),
    describeOmission(instrument, omissionCorrectedUs),
    ...(load === null
      ? ['No load was made for this measurement; what else ran on the host ran on.']
      : [`Load was made on the host meanwhile: ${LOAD_TEXTS[load.kind]} with ${load.workers} workers.`]),
    ...(lost === 0 ? [] : [`${lost} events came faster than they could be read, and are missing.`]),
  ];
}

function describeOmission(instrument: Instrument, correctedUs: number | null): string {
  if (correctedUs !== null) {
    return `Corrected for coordinated omission: while one event was late, the next ones, due every ${renderLatency(correctedUs)}, were counted as late too.`;
  }
  return instrument === 'sched-trace' || instrument === 'schedstat'
    ? 'No correction for coordinated omission: nothing is missed while a vCPU waits.'
    : 'Not corrected for coordinated omission: events that were due while another one was late may be missing.';
}

const ROUNDS =
  'In rounds of three blocks: as found, as planned, and as found again. The plan was applied before each middle block and undone after it, so that what drifts evenly on the host falls out of the comparison.';

const intervals = (confidence: number): string =>
  `Intervals are made to hold the true value in ${Math.round(confidence * 100)} of 100 such measurements. They come from drawing whole rounds again and again, because neighbouring events are not independent. Where the host changes slowly, those of a single phase are too narrow; those of the ratio suffer less, because such changes fall out of it.`;

const FLOOR =
  'The noise floor compares the two outer blocks, between which nothing was changed: a difference no larger than that is no difference.';

const MODE_LIMITS: Readonly<Record<MeasurementMode, string>> = {
  host: 'Seen from the host: how long vCPUs wait for a CPU. What the guest itself adds, caches and memory that are far away, is not in it.',
  guest: 'Seen from inside: what the guest’s own kernel adds cannot be told from what the host adds.',
  ssh: 'Seen from inside: what the guest’s own kernel adds cannot be told from what the host adds.',
  import: 'Taken elsewhere: where it was measured, and beside what, only those know who did it.',
};

/** Sentences. */
export function describeLimits({ instrument, mode, load }: Measurement): readonly string[] {
  return [
    MODE_LIMITS[mode],
    ...(instrument === 'schedstat' ? ['A mean within a millisecond hides the worst single wait in it.'] : []),
    ...(load === null
      ? ['It holds for the load of that time. Another load, another result.']
      : ['Made load is not your load: measure again under the real one.']),
    'The maximum is one event. It is shown, and never compared.',
    'Rare events need long runs: a percentile with too few events beyond it is left out.',
  ];
}
