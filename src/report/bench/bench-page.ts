// The page of a latency run: one HTML file that needs nothing from elsewhere, the verdict first.
import type { Measurement } from '#domain/measurement.ts';
import { printable } from '../printable.ts';
import { renderDuration } from './bench-numbers.ts';
import { PAGE_CSS } from './bench-page-style.ts';
import { makeSections, type Section } from './bench-sections.ts';
import { renderVerdictSentence, renderVerdictTitle } from './bench-verdict.ts';
import { html, keepTogether, type Markup } from './html.ts';

/** Ends with a newline. */
export function renderBenchPage(measurement: Measurement): string {
  const title = renderVerdictTitle(measurement);
  const sections = makeSections(measurement);
  const page = html(
    'html',
    { lang: 'en' },
    html(
      'head',
      {},
      html('meta', { charset: 'utf-8' }),
      html('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
      html('meta', { name: 'color-scheme', content: 'light dark' }),
      html('title', {}, `${title} – Berth`),
      // Without one a browser asks the server for it.
      html('link', { rel: 'icon', href: 'data:,' }),
      html('style', {}, { markup: PAGE_CSS }),
    ),
    html(
      'body',
      {},
      html(
        'div',
        { class: 'page' },
        makeHeader(measurement, title, sections),
        html(
          'main',
          {},
          ...sections.map(({ id, heading, content }) =>
            html('section', { id, 'aria-labelledby': `${id}-h` }, html('h2', { id: `${id}-h` }, heading), ...content),
          ),
        ),
        html(
          'footer',
          {},
          `Measurement ${measurement.id} of node ${printable(measurement.node)}, written by Berth. Nothing in this page is loaded from elsewhere.`,
        ),
      ),
    ),
  );
  return `<!doctype html>\n${page.markup}\n`;
}

function makeHeader(measurement: Measurement, title: string, sections: readonly Section[]): Markup {
  const { node, startedAt, finishedAt, endedEarly, comparison } = measurement;
  const seconds = (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000;
  const facts = [
    printable(node),
    `${startedAt.slice(0, 10)} ${startedAt.slice(11, 16)} UTC`,
    ...(seconds === 0 ? [] : [renderDuration(seconds)]),
    ...(comparison === null ? [] : [`${comparison.rounds} rounds`]),
  ];
  return html(
    'header',
    {},
    html('p', { class: 'kicker' }, `Latency measurement ${measurement.id}`),
    html(
      'div',
      { class: `verdict ${comparison?.verdict ?? ''}`.trimEnd() },
      html('h1', {}, title),
      html('p', { class: 'lead' }, keepTogether(renderVerdictSentence(measurement))),
    ),
    html('p', { class: 'facts' }, facts.join(' · ')),
    ...(endedEarly === null ? [] : [html('p', {}, html('strong', {}, 'Ended early: '), printable(endedEarly))]),
    html(
      'nav',
      { 'aria-label': 'Sections' },
      html('ul', {}, ...sections.map(({ id, short }) => html('li', {}, html('a', { href: `#${id}` }, short)))),
    ),
  );
}
