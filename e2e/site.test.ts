// The documentation's pages in a real browser: axe finds nothing, nothing overflows, nothing is loaded; screenshots in reports/.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeSite } from '../site/make-site.ts';
import { evaluate, findViolations, launchBrowser } from './browser.ts';

const REPORTS = 'reports/site';
/** One of each kind: with a table of links, with transcripts, with wide tables. */
const PAGES = ['index.html', 'how-to/ryzen-two-dies.html', 'reference/commands.html'];
const VIEWS = [
  { name: 'wide-dark', width: 1280, scheme: 'dark' },
  { name: 'narrow-light', width: 360, scheme: 'light' },
] as const;

let directory = '';
let browser: BrowserContext | undefined;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'berth-'));
  mkdirSync(REPORTS, { recursive: true });
  for (const [path, content] of makeSite()) {
    mkdirSync(dirname(join(directory, 'site', path)), { recursive: true });
    writeFileSync(join(directory, 'site', path), content);
  }
  browser = await launchBrowser(join(directory, 'profile'));
});

afterAll(async () => {
  await browser?.close();
  rmSync(directory, { recursive: true, force: true });
});

it.each(PAGES.flatMap(path => VIEWS.map(view => ({ path, ...view }))))(
  '$path, $name',
  async ({ path, name, width, scheme }) => {
    if (browser === undefined) throw new Error('the browser did not start');
    const page = await browser.newPage();
    const elsewhere: string[] = [];
    page.on('request', request => elsewhere.push(...(request.url().startsWith('file:') ? [] : [request.url()])));
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await page.goto(pathToFileURL(join(directory, 'site', path)).href);
    expect(await findViolations(page)).toEqual([]);
    expect(await evaluate<number>(page, 'document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    expect(elsewhere).toEqual([]);
    expect(await evaluate<string>(page, 'getComputedStyle(document.body).marginTop')).toBe('0px');
    await page.screenshot({ path: join(REPORTS, `${path.replaceAll(/\W/g, '-')}-${name}.png`) });
    await page.close();
  },
);
