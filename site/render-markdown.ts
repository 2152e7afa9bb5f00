// One Markdown file as HTML: headings that can be linked to, links between pages, and boxes that scroll for whatever is wide.
import { posix } from 'node:path';
import { Marked, type Tokens } from 'marked';

export interface Rendered {
  readonly title: string;
  readonly html: string;
  /** Second-level headings, for the page's own table of contents. */
  readonly headings: readonly { readonly id: string; readonly html: string }[];
  /** Every anchor of the page. */
  readonly ids: ReadonlySet<string>;
}

/** Where a link of the file leads on the site; null: to something that is not there, so only its text stays. */
export type ResolveLink = (href: string) => string | null;

/** @throws Error for a file without a first-level heading. */
export function renderMarkdown(text: string, resolveLink: ResolveLink): Rendered {
  const headings: { id: string; html: string }[] = [];
  const ids = new Set<string>();
  let title: string | null = null;
  const marked = new Marked({
    renderer: {
      heading({ tokens, depth, text: plain }) {
        const html = this.parser.parseInline(tokens);
        const id = uniqueId(slug(plain), ids);
        if (depth === 1) title ??= plain.replaceAll('`', '');
        if (depth === 2) headings.push({ id, html });
        return `<h${depth} id="${id}">${html}</h${depth}>\n`;
      },
      link({ href, tokens }) {
        const target = resolveLink(href);
        const html = this.parser.parseInline(tokens);
        return target === null ? html : `<a href="${escapeHtml(target)}">${html}</a>`;
      },
      image({ href, text: alt }) {
        return `<img src="${escapeHtml(resolveLink(href) ?? href)}" alt="${escapeHtml(alt)}">`;
      },
      code({ text: code, lang }) {
        return `<pre tabindex="0"${lang === 'console' ? ' class="console"' : ''}><code>${lang === 'console' ? markPrompts(code) : escapeHtml(code)}</code></pre>\n`;
      },
      html: ({ text: html }) => (html.startsWith('<!--') ? '' : escapeHtml(html)),
    },
  });
  marked.use({
    renderer: {
      table(token: Tokens.Table) {
        const row = (cells: Tokens.TableCell[], tag: 'th' | 'td') =>
          `<tr>${cells.map(cell => renderCell(cell.text === '' ? 'td' : tag, cell.align, this.parser.parseInline(cell.tokens))).join('')}</tr>`;
        const headless = token.header.every(({ text: cell }) => cell === '');
        const head = headless ? '' : `<thead>${row(token.header, 'th')}</thead>`;
        const body = token.rows.map(cells => row(cells, 'td')).join('\n');
        return `<div class="scroll" tabindex="0"><table>${head}<tbody>${body}</tbody></table></div>\n`;
      },
    },
  });
  const html = marked.parse(text, { async: false });
  if (title === null) throw new Error('it has no first-level heading');
  return { title, html, headings, ids };
}

/** A heading without a text would be one without a meaning. */
const renderCell = (tag: 'th' | 'td', align: Tokens.TableCell['align'], html: string): string =>
  `<${tag}${align === 'right' ? ' class="number"' : ''}>${html}</${tag}>`;

/** As GitHub makes anchors of headings, because the files are read there too. */
const slug = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');

function uniqueId(wanted: string, taken: Set<string>): string {
  let id = wanted;
  for (let number = 1; taken.has(id); number++) id = `${wanted}-${number}`;
  taken.add(id);
  return id;
}

/** What is typed stands out from what is answered. */
const markPrompts = (code: string): string =>
  code
    .split('\n')
    .map(line => (line.startsWith('$ ') ? `<b>${escapeHtml(line)}</b>` : escapeHtml(line)))
    .join('\n');

export const resolvePath = (from: string, href: string): string => posix.join(posix.dirname(from), href);

export const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
