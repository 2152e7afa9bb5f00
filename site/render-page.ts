// A page of the site: menu, what the page says, and its own table of contents.
import { posix } from 'node:path';
import { escapeHtml, type Rendered } from './render-markdown.ts';

export interface MenuSection {
  readonly title: string;
  readonly entries: readonly { readonly file: string; readonly path: string; readonly title: string }[];
  /** Files that are reached through the section's first entry. */
  readonly below: ReadonlySet<string>;
}

export interface PageParts {
  readonly file: string;
  /** Below the site's directory. */
  readonly path: string;
  readonly page: Rendered;
  readonly menu: readonly MenuSection[];
  readonly version: string;
}

/** Short pages need no table of contents. */
const FEWEST_HEADINGS = 3;

export function renderPage({ file, path, page, menu, version }: PageParts): string {
  const toHere = (target: string) => posix.relative(posix.dirname(path), target);
  const title = page.title === 'Berth' ? 'Berth' : `${page.title} · Berth`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="${toHere('style.css')}">
</head>
<body>
<a class="skip" href="#content">To the text</a>
<header><div><a class="name" href="${toHere('index.html')}">Berth</a> <span class="version">${escapeHtml(version)}</span> <a class="to-pages" href="#pages">All pages</a></div></header>
<div class="columns">
<nav id="pages" aria-label="Pages">
${menu.map(section => renderSection(section, file, toHere)).join('\n')}
</nav>
<main id="content">
${page.html}</main>
${renderContents(page)}</div>
</body>
</html>
`;
}

function renderSection(
  { title, entries, below }: MenuSection,
  file: string,
  toHere: (target: string) => string,
): string {
  const items = entries.map((entry, index) => {
    const isHere = entry.file === file || (index === 0 && below.has(file));
    const current = entry.file === file ? ' aria-current="page"' : isHere ? ' aria-current="true"' : '';
    return `<li><a href="${toHere(entry.path)}"${current}>${escapeHtml(entry.title)}</a></li>`;
  });
  return `<h2>${escapeHtml(title)}</h2>\n<ul>${items.join('')}</ul>`;
}

function renderContents({ headings }: Rendered): string {
  if (headings.length < FEWEST_HEADINGS) return '';
  const items = headings.map(({ id, html }) => `<li><a href="#${id}">${html.replaceAll(/<\/?a[^>]*>/g, '')}</a></li>`);
  return `<nav class="contents" aria-label="On this page"><h2>On this page</h2><ul>${items.join('')}</ul></nav>\n`;
}
