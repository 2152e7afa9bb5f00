// What the page of a latency run says, section by section: every picture with its numbers.
import { encodeIdList } from '#domain/id-list.ts';
import type { Measurement } from '#domain/measurement.ts';
import { renderChanges } from '../changes-text.ts';
import { renderMib } from '../memory-text.ts';
import { makePaint } from '../paint.ts';
import { printable } from '../printable.ts';
import {
  blockTable,
  comparisonTable,
  countsMoves,
  histogramTable,
  percentileTable,
  phaseTable,
  vcpuTable,
} from './bench-tables.ts';
import { renderDistributionSentence } from './bench-verdict.ts';
import { describeLimits, describeMethod } from './bench-words.ts';
import { type Chart, embedChart } from './chart-frame.ts';
import { makeHistogramChart } from './histogram-chart.ts';
import { html, htmlTable, keepTogether, type Markup, type TableOptions } from './html.ts';
import { makePercentileChart } from './percentile-chart.ts';
import { makePhaseCurves } from './phase-curves.ts';
import { groupPlacements, makePlacementChart, placementTitle } from './placement-chart.ts';
import { makeRatioChart } from './ratio-chart.ts';
import { hasCourse, makeTimeChart } from './time-chart.ts';

export interface Section {
  readonly id: string;
  readonly heading: string;
  /** For the list of sections. */
  readonly short: string;
  readonly content: readonly Markup[];
}

/** Those that have something to say, in their order. */
export function makeSections(measurement: Measurement): readonly Section[] {
  const sections: readonly Section[] = [
    { id: 'numbers', heading: 'The numbers', short: 'Numbers', content: makeNumbers(measurement) },
    { id: 'distribution', heading: 'Distribution', short: 'Distribution', content: makeDistribution(measurement) },
    { id: 'time', heading: 'Over time', short: 'Over time', content: makeTime(measurement) },
    { id: 'placement', heading: 'Placement', short: 'Placement', content: makePlacement(measurement) },
    { id: 'changes', heading: 'What was changed', short: 'Changes', content: makeChanges(measurement) },
    { id: 'host', heading: 'The host', short: 'Host', content: [makeHost(measurement)] },
    { id: 'method', heading: 'How it was measured', short: 'Method', content: makeMethod(measurement) },
    { id: 'limits', heading: 'What it cannot show', short: 'Limits', content: [list(describeLimits(measurement))] },
  ];
  return sections.filter(({ content }) => content.length > 0);
}

const WIDE = 780;
const NARROW = 340;

/** Drawn twice: scaled down to a telephone, letters could not be read. */
function figure(id: string, make: (width: number) => Chart, caption: string): Markup {
  return html(
    'figure',
    {},
    html('div', { class: 'wide' }, embedChart(make(WIDE), `${id}-wide`)),
    html('div', { class: 'narrow' }, embedChart(make(NARROW), `${id}-narrow`)),
    html('figcaption', {}, caption),
  );
}

const numbers = (summary: string, ...tables: readonly TableOptions[]): Markup =>
  html('details', {}, html('summary', {}, summary), ...tables.map(htmlTable));

function makeNumbers(measurement: Measurement): readonly Markup[] {
  const { comparison, phases } = measurement;
  const compared = comparisonTable(measurement);
  const distribution = renderDistributionSentence(measurement);
  return [
    ...(comparison === null || compared === null
      ? []
      : [
          figure(
            'ratio',
            width => makeRatioChart(comparison, width),
            'Left of 1 the guest waited less as planned. What lies within the grey bar is noise.',
          ),
          htmlTable(compared),
        ]),
    ...(distribution === null ? [] : [html('p', {}, keepTogether(distribution))]),
    ...(phases.length === 0
      ? []
      : [
          htmlTable(phaseTable(measurement)),
          ...(countsMoves(measurement) ? [html('p', { class: 'note' }, MOVES)] : []),
          numbers('Each vCPU', vcpuTable(measurement)),
        ]),
  ];
}

const MOVES = 'Moved: to another CPU. Taken off: of its CPU, although it could have gone on.';

function makeDistribution({ phases, comparison }: Measurement): readonly Markup[] {
  const curves = makePhaseCurves(phases);
  if (curves.length === 0) return [];
  return [
    figure(
      'percentiles',
      width => makePercentileChart(curves, comparison, width),
      `How late all but the latest few events were: each step to the right leaves out nine of ten.${comparison === null ? '' : ' Dots with bars are the compared percentiles with their intervals.'}`,
    ),
    numbers('The numbers of this picture', percentileTable(curves)),
    figure(
      'histogram',
      width => makeHistogramChart(curves, width),
      'How often each latency was seen. Both axes are logarithmic, so that rare late events can be seen beside the many early ones.',
    ),
    numbers('The numbers of this picture', histogramTable(curves)),
  ];
}

function makeTime(measurement: Measurement): readonly Markup[] {
  if (!hasCourse(measurement)) return [];
  return [
    figure(
      'time',
      width => makeTimeChart(measurement.blocks, width),
      `Lines are the 99th percentile, dots the maximum.${measurement.comparison === null ? '' : ' Between blocks the plan was applied or undone.'}`,
    ),
    numbers('The numbers of each block', blockTable(measurement)),
  ];
}

function makePlacement({ host, phases }: Measurement): readonly Markup[] {
  const { topology } = host;
  return groupPlacements(phases).flatMap((placement, index) => {
    const title = placementTitle(placement);
    const rows = placement.vcpus.map(({ vcpu, cpus }) => [`vCPU ${vcpu}`, encodeIdList(cpus).replaceAll(',', ', ')]);
    const emulator =
      placement.emulator === null ? [] : [['emulator threads', encodeIdList(placement.emulator).replaceAll(',', ', ')]];
    return [
      html('h3', {}, `${title.charAt(0).toUpperCase()}${title.slice(1)}`),
      ...(topology === null
        ? []
        : [
            figure(
              `placement-${index}`,
              width => makePlacementChart(topology, placement, width),
              'Upper numbers are host CPUs, v0, v1 … the vCPUs that have one to themselves. CPUs of one core stand below each other.',
            ),
          ]),
      numbers('The CPUs in words', {
        caption: `Allowed CPUs ${title}`,
        head: ['threads', 'CPUs'],
        rows: [...rows, ...emulator],
      }),
    ];
  });
}

function makeChanges({ changes, plan }: Measurement): readonly Markup[] {
  if (changes.length === 0) return [];
  const lines = renderChanges(changes, makePaint(false)).slice(1);
  return [
    html(
      'p',
      {},
      `Made for every block as planned, and undone after it${plan === null ? '' : `; first in journal entry ${printable(plan)}`}.`,
    ),
    html(
      'pre',
      { tabindex: 0 },
      html('code', {}, ...lines.map((line): Markup => html('span', lineClass(line), `${line}\n`))),
    ),
  ];
}

const lineClass = (line: string) =>
  /^ +- /.test(line) ? { class: 'minus' } : /^ +\+ /.test(line) ? { class: 'plus' } : {};

function makeHost({ host, node, mode }: Measurement): Markup {
  const { kernel, bootCommandLine, governors, memoryMiB, topology } = host;
  const facts: ReadonlyArray<readonly [string, string | null]> = [
    [mode === 'import' ? 'Kept on node' : 'Node', node],
    ['Processor', topology?.model ?? null],
    [
      'Shape',
      topology === null
        ? null
        : `${topology.packages.length} packages, ${topology.nodes.length} NUMA nodes, ${topology.llcs.length} LLC domains, ${topology.cores.length} cores, ${topology.online.size} CPUs`,
    ],
    ['Isolated CPUs', topology === null ? null : topology.isolated.isEmpty ? 'none' : encodeIdList(topology.isolated)],
    ['Memory', memoryMiB === 0 ? null : renderMib(memoryMiB)],
    ['Kernel', kernel],
    ['Booted with', bootCommandLine],
    ['Frequency governor', governors.length === 0 ? null : governors.join(', ')],
  ];
  return html(
    'dl',
    {},
    ...facts.flatMap(([name, value]) =>
      value === null ? [] : [html('dt', {}, name), html('dd', {}, printable(value))],
    ),
  );
}

function makeMethod(measurement: Measurement): readonly Markup[] {
  const { commands } = measurement;
  return [
    list(describeMethod(measurement)),
    ...(commands.length === 0
      ? []
      : [
          html('h3', {}, 'The commands'),
          html('pre', { tabindex: 0 }, html('code', {}, commands.map(printable).join('\n'))),
        ]),
  ];
}

const list = (sentences: readonly string[]): Markup =>
  html('ul', {}, ...sentences.map(sentence => html('li', {}, sentence)));
