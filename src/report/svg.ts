// Builds SVG text: elements, with every attribute and text escaped.

/** Finished markup, so that it cannot be mistaken for text that still needs escaping. */
export interface SvgElement {
  readonly markup: string;
}

export type SvgAttributes = Readonly<Record<string, string | number>>;

/** A string child is text. `el('text', { x: 1 }, 'a < b')` gives `<text x="1">a &lt; b</text>`. */
export function el(
  tag: string,
  attributes: SvgAttributes,
  ...children: ReadonlyArray<SvgElement | string>
): SvgElement {
  const start = `<${tag}${encodeAttributes(attributes)}`;
  const inner = encodeChildren(children);
  return { markup: inner === '' ? `${start}/>` : `${start}>${inner}</${tag}>` };
}

/** ` x="1" class="a"`. */
export const encodeAttributes = (attributes: SvgAttributes): string =>
  Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escapeXml(encodeValue(value))}"`)
    .join('');

export const encodeChildren = (children: ReadonlyArray<SvgElement | string>): string =>
  children.map(child => (typeof child === 'string' ? escapeXml(child) : child.markup)).join('');

/** Two decimals are finer than any screen. */
const encodeValue = (value: string | number): string =>
  typeof value === 'number' ? `${Math.round(value * 100) / 100}` : value;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escapeXml = (text: string): string => text.replace(/[&<>"]/g, character => ENTITIES[character] ?? '');
