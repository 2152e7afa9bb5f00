// Debian's Chromium without a window, with nothing of its own on the network, and axe in it.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { type BrowserContext, chromium, type Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const QUIET = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** `profile`: a directory of its own that is not there yet. */
export const launchBrowser = (profile: string): Promise<BrowserContext> =>
  chromium.launchPersistentContext(profile, { executablePath: '/usr/bin/chromium', args: QUIET, headless: true });

/** As text: `page.evaluate` takes source, and this project's types know no browser. */
export const evaluate = <Result>(page: Page, source: string): Promise<Result> => page.evaluate(source);

/** What axe objects to, each with the HTML that it means. */
export async function findViolations(page: Page): Promise<readonly string[]> {
  await evaluate(page, AXE);
  const { violations } = await evaluate<AxeResults>(page, 'axe.run()');
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}
