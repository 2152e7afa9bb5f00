// Builds HTML text: elements, with every attribute and text escaped.
import { encodeAttributes, encodeChildren, type SvgAttributes, type SvgElement } from '../svg.ts';

/** The elements of a page: HTML and the SVG within it. */
export type Markup = SvgElement;

const VOID = new Set(['meta', 'link', 'br', 'hr', 'img', 'col']);

/** A string child is text. Empty elements keep their end tag, as HTML needs it. */
export function html(tag: string, attributes: SvgAttributes, ...children: ReadonlyArray<Markup | string>): Markup {
  const start = `<${tag}${encodeAttributes(attributes)}>`;
  return { markup: VOID.has(tag) ? start : `${start}${encodeChildren(children)}</${tag}>` };
}

export interface TableOptions {
  readonly caption: string;
  readonly head: readonly string[];
  /** The first cell of each row is its heading. What follows a line break in a cell is of less weight. */
  readonly rows: ReadonlyArray<readonly string[]>;
}

/** A table in a box of its own that scrolls sideways where it does not fit, by keyboard too. */
export function htmlTable({ caption, head, rows }: TableOptions): Markup {
  return html(
    'div',
    { class: 'scroll', role: 'region', tabindex: 0, 'aria-label': caption },
    html(
      'table',
      {},
      html('caption', {}, caption),
      html('thead', {}, html('tr', {}, ...head.map(text => html('th', { scope: 'col' }, text)))),
      html(
        'tbody',
        {},
        ...rows.map(([first = '', ...cells]) =>
          html('tr', {}, html('th', { scope: 'row' }, first), ...cells.map(tableCell)),
        ),
      ),
    ),
  );
}

function tableCell(text: string): Markup {
  const [value = '', ...notes] = text.split('\n');
  return html('td', {}, value, ...notes.map(note => html('small', {}, note)));
}

/** No line breaks between a number and its unit. */
export const keepTogether = (text: string): string =>
  text.replace(/(?<=\d) (?=(?:%|ns|µs|ms|s|times)(?![a-z]))/g, '\u00a0').replace(/p ([<=]) /g, 'p\u00a0$1\u00a0');
