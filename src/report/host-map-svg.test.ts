// Tests of the SVG map: well-formed, safe, complete, the same for the same host.
import { describe, expect, it } from 'vitest';
import { cpuSet } from '#domain/id-set.ts';
import { makeInventory, makeVm } from '#fixtures/make-inventory.ts';
import { type ShapeName, shapes } from '#fixtures/shapes.ts';
import { renderHostMapSvg } from './host-map-svg.ts';
import { makeHostMapView } from './host-map-view.ts';
import { el } from './svg.ts';

const guest = makeVm(100, 2, { name: '<b>&"', affinity: cpuSet([1]) });
const render = (name: ShapeName): string => renderHostMapSvg(makeHostMapView(makeInventory(shapes[name], [guest])));

/** Every tag closed by its own kind, nothing left open. */
function isBalanced(svg: string): boolean {
  const open: string[] = [];
  for (const [, closing, name, selfClosing] of svg.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
    if (closing && open.pop() !== name) return false;
    if (!closing && !selfClosing) open.push(name ?? '');
  }
  return open.length === 0;
}

describe('renderHostMapSvg()', () => {
  it.each(Object.keys(shapes) as ShapeName[])('draws every CPU of %s, in well-formed markup', name => {
    const svg = render(name);
    const { online } = makeInventory(shapes[name], []).topology;
    expect(isBalanced(svg)).toBe(true);
    expect(svg.match(/<title>CPU \d+/g)).toHaveLength(online.size);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  it('escapes names from configs', () => {
    expect(render('tiny')).toContain('&lt;b&gt;&amp;&quot;');
    expect(render('tiny')).not.toContain('<b>');
  });

  it('draws nothing outside the picture', () => {
    const svg = render('epyc-nps4');
    const [width = 0, height = 0] = (/viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? []).slice(1).map(Number);
    for (const [, x, y, w, h] of svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g)) {
      expect(Number(x) + Number(w)).toBeLessThanOrEqual(width);
      expect(Number(y) + Number(h)).toBeLessThanOrEqual(height);
    }
  });

  it('shows distances for several nodes only', () => {
    expect(render('article')).toContain('Distances between nodes');
    expect(render('tiny')).not.toContain('Distances between nodes');
  });
});

describe('el()', () => {
  it('escapes text and attributes, rounds numbers, and closes empty elements', () => {
    expect(el('text', { x: 1 / 3, class: '"a"' }, 'a < b & c', el('br', {})).markup).toBe(
      '<text x="0.33" class="&quot;a&quot;">a &lt; b &amp; c<br/></text>',
    );
  });
});
