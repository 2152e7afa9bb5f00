// The whole site as files in memory: every page of the map, what pages show, and the JSON schemas.
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { type Rendered, renderMarkdown, resolvePath } from './render-markdown.ts';
import { renderPage } from './render-page.ts';
import { makeSiteMap, pagePath } from './site-map.ts';
import { SITE_CSS } from './site-style.ts';

const SCHEMAS = 'docs/schemas';

/**
 * Path below the site's directory → content.
 * @throws Error that names the file and the link when a page points to what is not there.
 */
export function makeSite(): ReadonlyMap<string, string> {
  const sections = makeSiteMap();
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  const paths = new Map(
    sections.flatMap(({ files, below }) => [...files, ...below]).map(file => [file, pagePath(file)]),
  );
  const pictures = new Map<string, string>();
  const links: { file: string; to: string; anchor: string }[] = [];

  const render = (file: string, path: string): Rendered => {
    const fromHere = (target: string) => posix.relative(posix.dirname(path), target) || posix.basename(target);
    try {
      return renderMarkdown(readFileSync(file, 'utf8'), href => {
        if (/^https?:/.test(href)) return href;
        const [target = '', anchor = ''] = href.split('#');
        const to = target === '' ? file : resolvePath(file, target);
        if (target.endsWith('.svg')) {
          pictures.set(to.replace(/^docs\//, ''), readFileSync(to, 'utf8'));
          return fromHere(to.replace(/^docs\//, ''));
        }
        if (to === SCHEMAS) return fromHere('schemas/index.html');
        if (to.startsWith(`${SCHEMAS}/`)) return fromHere(to.replace(/^docs\//, ''));
        const page = paths.get(to) ?? paths.get(`${to}/README.md`);
        if (page === undefined) return null;
        if (anchor !== '') links.push({ file, to, anchor });
        return fromHere(page) + (anchor === '' ? '' : `#${anchor}`);
      });
    } catch (error) {
      throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  };

  const pages = new Map([...paths].map(([file, path]) => [file, render(file, path)]));
  for (const { file, to, anchor } of links) {
    if (pages.get(to)?.ids.has(anchor) !== true) throw new Error(`${file}: ${to} has no heading for #${anchor}`);
  }
  const menu = sections.map(({ title, files, below }) => ({
    title,
    below: new Set(below),
    entries: files.map(file => ({ file, path: pagePath(file), title: pages.get(file)?.title ?? file })),
  }));
  const schemas = readdirSync(SCHEMAS);
  return new Map([
    ...[...pages].map(
      ([file, page]) => [pagePath(file), renderPage({ file, path: pagePath(file), page, menu, version })] as const,
    ),
    ...pictures,
    ...schemas.map(name => [`schemas/${name}`, readFileSync(`${SCHEMAS}/${name}`, 'utf8')] as const),
    ['style.css', SITE_CSS] as const,
  ]);
}
