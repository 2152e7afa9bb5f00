// Tests of the page as text: well-formed, complete, nothing from elsewhere, and no name that becomes markup.
import { describe, expect, it } from 'vitest';
import type { Measurement } from '#domain/measurement.ts';
import { sampleMeasurement } from '#fixtures/sample-measurement.ts';
import { renderBenchPage } from './bench-page.ts';
import { html } from './html.ts';

/** Every tag closed by its own kind, nothing left open. */
function openTags(page: string): readonly string[] {
  const open: string[] = [];
  for (const [, closing, name = '', selfClosing] of page
    .replace(/<!doctype html>/, '')
    .matchAll(/<(\/?)([a-z0-9]+)[^>]*?(\/?)>/gi)) {
    if (selfClosing || ['meta', 'link'].includes(name)) continue;
    if (closing !== '/') open.push(name);
    else if (open.at(-1) === name) open.pop();
    else return [...open, `/${name}`];
  }
  return open;
}

const HOSTILE = '</title><script>alert(1)</script><img src=x onerror=alert(1)>"\'&';

const hostile: Measurement = {
  ...sampleMeasurement,
  node: HOSTILE,
  guestName: HOSTILE,
  plan: HOSTILE,
  endedEarly: HOSTILE,
  commands: [HOSTILE],
  host: { ...sampleMeasurement.host, kernel: HOSTILE, bootCommandLine: HOSTILE, governors: [HOSTILE] },
};

describe('renderBenchPage()', () => {
  it.each<readonly [string, Measurement]>([
    ['a usual run', sampleMeasurement],
    ['hostile names', hostile],
    [
      'one run without a comparison',
      { ...sampleMeasurement, comparison: null, mode: 'import', instrument: 'hdr-log', changes: [] },
    ],
    ['nothing measured', { ...sampleMeasurement, comparison: null, phases: [], blocks: [], changes: [], commands: [] }],
    [
      'a host that is not known',
      {
        ...sampleMeasurement,
        host: { kernel: null, bootCommandLine: null, governors: [], memoryMiB: 0, topology: null },
      },
    ],
  ])('is well-formed for %s, and needs nothing from elsewhere', (_, measurement) => {
    const page = renderBenchPage(measurement);
    expect(openTags(page)).toEqual([]);
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
    expect(page).not.toMatch(/<(script|img|iframe|object|form)|https?:|url\(|@import|\son\w+="/i);
  });

  it('escapes every name', () => {
    const page = renderBenchPage(hostile);
    expect(page).toContain('&lt;/title&gt;&lt;script&gt;');
    expect(page.match(/<title>/g)?.length).toBe(renderBenchPage(sampleMeasurement).match(/<title>/g)?.length);
  });

  it('names no id twice, and every link leads somewhere', () => {
    const page = renderBenchPage(sampleMeasurement);
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, id] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(id);
    for (const [, list = ''] of page.matchAll(/aria-labelledby="([^"]+)"/g)) {
      for (const id of list.split(' ')) expect(ids).toContain(id);
    }
  });

  it('says the verdict first, then the numbers, the plan, the host and the commands', () => {
    const page = renderBenchPage(sampleMeasurement);
    const places = [
      'less latency as planned</h1>',
      '99.99\u00a0% of all wakeups',
      'as planned ÷ as found',
      'vCPU 0: 0-31 → 8',
      '6.14.8-2-pve',
      'berth bench 101 --rounds 3',
      'What it cannot show',
    ].map(text => page.indexOf(text));
    expect(places.every(place => place > 0)).toBe(true);
    expect(page.indexOf('</h1>')).toBeLessThan(page.indexOf('<h2'));
  });

  it('draws no course of time where there is one moment only', () => {
    const [first] = sampleMeasurement.blocks;
    const alone = first === undefined ? [] : [{ ...first, intervals: [] }];
    expect(renderBenchPage({ ...sampleMeasurement, blocks: alone })).not.toContain('Over time');
    expect(renderBenchPage({ ...sampleMeasurement, blocks: first === undefined ? [] : [first] })).toContain(
      'Over time',
    );
  });

  it('leaves out sections that have nothing to say', () => {
    const page = renderBenchPage({ ...sampleMeasurement, changes: [] });
    expect(page).not.toContain('What was changed');
    expect(page).not.toContain('#changes');
  });
});

describe('html()', () => {
  it('keeps the end tag of empty elements, but not of void ones', () => {
    expect(html('td', {}).markup).toBe('<td></td>');
    expect(html('meta', { charset: 'utf-8' }).markup).toBe('<meta charset="utf-8">');
    expect(html('p', { title: '"' }, 'a < b').markup).toBe('<p title="&quot;">a &lt; b</p>');
  });
});
