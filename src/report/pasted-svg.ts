// The picture of `berth inspect --from FILE --svg`: boxes for what the pasted output tells, one inside the other.
import type { PastedTopology } from '#domain/pasted-topology.ts';
import { flowWords, plainPiece } from './flow-words.ts';
import { HOST_MAP_CSS } from './host-map-svg-style.ts';
import { makePastedFacts, makePastedOutline, type OutlineEntry, wrapFacts } from './pasted-outline.ts';
import { printable } from './printable.ts';
import { el } from './svg.ts';
import { type Block, flow, frame, stack, textLine } from './svg-layout.ts';

const MARGIN = 20;
const WIDTH = 1000;
/** Of small text, on average. */
const CHARACTER_WIDTH = 6.6;

/** Needs nothing from elsewhere. Ends with a newline. */
export function renderPastedSvg(pasted: PastedTopology): string {
  const model = printable(pasted.model ?? 'unknown processor');
  const outline = makePastedOutline(pasted).map(entry => entryBlock(entry, { depth: 0, width: WIDTH / 2 - 8 }));
  const unknown = pasted.unknown.flatMap(({ reason }) => muted(printable(reason).split(' '), WIDTH, ' '));
  const body = stack(
    [
      textLine(`${model}, as ${pasted.tool} tells it`, { text: 'title', size: 18, bold: true }),
      ...muted(makePastedFacts(pasted), WIDTH, ' · '),
      flow(outline, { width: WIDTH, gap: 16 }),
      textLine('Not known, or not understood', { text: 'head', size: 14, bold: true }),
      ...unknown,
    ],
    8,
  );
  const width = Math.ceil(body.width + 2 * MARGIN);
  const height = Math.ceil(body.height + 2 * MARGIN);
  const svg = el(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${width} ${height}`, width, height, role: 'img' },
    el('title', {}, `CPU and NUMA map of ${model}`),
    el('style', {}, { markup: HOST_MAP_CSS }),
    el('rect', { width: '100%', height: '100%', class: 'page' }),
    ...body.draw(MARGIN, MARGIN),
  );
  return `${svg.markup}\n`;
}

/** Outermost first; deeper ones look like the last. */
const BOXES = ['package', 'node', 'llc'] as const;
const PADDING = 10;

function entryBlock({ title, facts, children }: OutlineEntry, place: { depth: number; width: number }): Block {
  const width = place.width - 2 * PADDING;
  const inner = children.map(child => entryBlock(child, { depth: place.depth + 1, width }));
  const lines = wrapFacts(facts, Math.floor(width / CHARACTER_WIDTH));
  const content = stack(
    [
      textLine(title, { text: 'head', size: 13, bold: true }),
      ...lines.map(line => textLine(line, { text: 'muted', size: 11 })),
      flow(inner, { width, gap: 8 }),
    ],
    4,
  );
  return frame(content, { box: BOXES[place.depth] ?? 'llc', padding: PADDING, radius: 8 });
}

const muted = (words: readonly string[], width: number, separator: string): readonly Block[] =>
  flowWords(words.map(plainPiece), { width: Math.floor(width / CHARACTER_WIDTH), separator }).map(line =>
    textLine(line, { text: 'muted', size: 12 }),
  );
