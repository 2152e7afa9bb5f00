// The site holds every page of docs/, each with a title of its own, and no link that leads nowhere.
import { readdirSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeSite } from './make-site.ts';
import { makeSiteMap, NOT_ON_THE_SITE } from './site-map.ts';

const site = makeSite();
const pages = [...site].filter(([path]) => path.endsWith('.html'));

describe('makeSite()', () => {
  it('has every Markdown file of docs/ once, but for those of contributors', () => {
    const mapped = makeSiteMap().flatMap(({ files, below }) => [...files, ...below]);
    const there = readdirSync('docs', { recursive: true, encoding: 'utf8' })
      .filter(name => name.endsWith('.md'))
      .map(name => `docs/${name}`);
    expect([...mapped, ...NOT_ON_THE_SITE].sort()).toEqual([...there, 'GLOSSARY.md'].sort());
  });

  it('gives every page a title of its own', () => {
    const titles = pages.map(([, html]) => /<title>(.*)<\/title>/.exec(html)?.[1]);
    expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([]);
  });

  it('links only to what is there, and loads nothing from elsewhere', () => {
    const dead = pages.flatMap(([path, html]) =>
      [...html.matchAll(/(?:href|src)="([^"]*)"/g)]
        .map(([, target = '']) => target)
        .filter(target => !/^https?:/.test(target) && !leadsSomewhere(path, target))
        .map(target => `${path}: ${target}`),
    );
    expect(dead).toEqual([]);
    expect(pages.filter(([, html]) => /<(script|img|link|iframe)[^>]*https?:/.test(html))).toEqual([]);
  });
});

function leadsSomewhere(path: string, target: string): boolean {
  const [file = '', anchor] = target.split('#');
  const to = file === '' ? path : posix.join(posix.dirname(path), file);
  const html = site.get(to);
  return html !== undefined && (anchor === undefined || html.includes(`id="${anchor}"`));
}
