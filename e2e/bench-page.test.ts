// The page of a latency run in a real browser: axe finds nothing, nothing is loaded, all can be read and reached; screenshots in reports/.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleMeasurement } from '#fixtures/sample-measurement.ts';
import { renderBenchPage } from '#report/bench/bench-page.ts';
import { evaluate, findViolations, launchBrowser } from './browser.ts';

const REPORTS = 'reports/bench-page';

let directory = '';
let browser: BrowserContext | undefined;
/** Of all pages, the file itself left out. */
const requests: string[] = [];
const complaints: string[] = [];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'berth-'));
  mkdirSync(REPORTS, { recursive: true });
  writeFileSync(join(directory, 'page.html'), renderBenchPage(sampleMeasurement));
  browser = await launchBrowser(join(directory, 'profile'));
});

afterAll(async () => {
  await browser?.close();
  rmSync(directory, { recursive: true, force: true });
});

interface View {
  readonly name: string;
  readonly width: number;
  readonly scheme: 'light' | 'dark';
}

const VIEWS: readonly View[] = [
  { name: 'wide-light', width: 1280, scheme: 'light' },
  { name: 'wide-dark', width: 1280, scheme: 'dark' },
  { name: 'narrow-light', width: 360, scheme: 'light' },
];

async function openPage({ width, scheme }: Pick<View, 'width' | 'scheme'>): Promise<Page> {
  if (browser === undefined) throw new Error('the browser did not start');
  const page = await browser.newPage();
  const url = pathToFileURL(join(directory, 'page.html')).href;
  page.on('request', request => requests.push(...(request.url() === url ? [] : [request.url()])));
  page.on('console', message => complaints.push(message.text()));
  page.on('pageerror', error => complaints.push(error.message));
  await page.setViewportSize({ width, height: 900 });
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
  await page.goto(url);
  return page;
}

describe.each(VIEWS)('the page, $name', view => {
  let page: Page;
  beforeAll(async () => {
    page = await openPage(view);
  });
  afterAll(() => page.close());

  it('passes axe, with every table of numbers open', async () => {
    await evaluate(page, "for (const box of document.querySelectorAll('details')) box.open = true");
    expect(await findViolations(page)).toEqual([]);
  });

  it('fits: only boxes that scroll are wider than the window', async () => {
    expect(await evaluate<number>(page, 'document.documentElement.scrollWidth')).toBeLessThanOrEqual(view.width);
  });

  it('has no letters in its pictures that are smaller than 8 pixels', async () => {
    const smallest = await evaluate<number>(
      page,
      `Math.min(...[...document.querySelectorAll('svg text')]
        .filter(text => text.checkVisibility())
        .map(text => parseFloat(text.getAttribute('font-size')) * text.getScreenCTM().a))`,
    );
    expect(smallest).toBeGreaterThanOrEqual(8);
  });

  it('has no letters in its pictures that overlap', async () => {
    const overlaps = await evaluate<readonly string[]>(
      page,
      `[...document.querySelectorAll('svg')].filter(svg => svg.checkVisibility()).flatMap(svg => {
        const boxes = [...svg.querySelectorAll('text')].map(text => ({ text: text.textContent, box: text.getBoundingClientRect() }));
        return boxes.flatMap((a, index) => boxes.slice(index + 1)
          .filter(b => a.box.left < b.box.right - 1 && b.box.left < a.box.right - 1 && a.box.top < b.box.bottom - 4 && b.box.top < a.box.bottom - 4)
          .map(b => a.text + ' | ' + b.text));
      })`,
    );
    expect(overlaps).toEqual([]);
  });

  it('has no letters outside its pictures', async () => {
    const outside = await evaluate<readonly string[]>(
      page,
      `[...document.querySelectorAll('svg')].filter(svg => svg.checkVisibility()).flatMap(svg => {
        const frame = svg.getBoundingClientRect();
        return [...svg.querySelectorAll('text')].filter(text => {
          const box = text.getBoundingClientRect();
          return box.left < frame.left - 1 || box.right > frame.right + 1;
        }).map(text => text.textContent);
      })`,
    );
    expect(outside).toEqual([]);
  });

  it('can be seen in reports/', async () => {
    await evaluate(page, "for (const box of document.querySelectorAll('details')) box.open = false");
    await page.screenshot({ path: join(REPORTS, `${view.name}.png`), fullPage: true });
  });
});

describe('by keyboard', () => {
  it('goes through the sections first, then everything that scrolls or opens, in the order of the page, always visibly', async () => {
    const page = await openPage({ width: 360, scheme: 'light' });
    const stops: { name: string; top: number; outline: string }[] = [];
    for (let press = 0; press < 60; press += 1) {
      await page.keyboard.press('Tab');
      const stop = await evaluate<{ name: string; top: number; outline: string } | null>(
        page,
        `(() => {
          const at = document.activeElement;
          if (at === null || at === document.body) return null;
          const top = at.getBoundingClientRect().top + scrollY;
          return { name: at.tagName + ' ' + (at.getAttribute('aria-label') ?? at.textContent).slice(0, 40), top, outline: getComputedStyle(at).outlineStyle };
        })()`,
      );
      if (stop === null) break;
      stops.push(stop);
    }
    expect(stops.slice(0, 3).map(({ name }) => name)).toEqual(['A Numbers', 'A Distribution', 'A Over time']);
    expect(stops.filter(({ name }) => name.startsWith('SUMMARY')).length).toBeGreaterThanOrEqual(6);
    expect(stops.map(({ top }) => top)).toEqual(stops.map(({ top }) => top).toSorted((a, b) => a - b));
    expect(stops.filter(({ outline }) => outline !== 'solid')).toEqual([]);
    await page.close();
  });

  it('opens the numbers of a picture', async () => {
    const page = await openPage({ width: 1280, scheme: 'light' });
    await page.locator('#time summary').focus();
    await page.keyboard.press('Enter');
    expect(await page.locator('#time table').isVisible()).toBe(true);
    await page.close();
  });
});

it('prints in light colours with all numbers, whatever the screen has', async () => {
  const page = await openPage({ width: 794, scheme: 'dark' });
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  expect(await evaluate<string>(page, 'getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
  expect(await page.locator('#time table').isVisible()).toBe(true);
  expect(await page.locator('nav').isVisible()).toBe(false);
  await page.screenshot({ path: join(REPORTS, 'print.png'), fullPage: true });
  await page.close();
});

it('asked nobody for anything, and had nothing to complain about', () => {
  expect({ requests, complaints }).toEqual({ requests: [], complaints: [] });
});
