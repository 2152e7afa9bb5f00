// Every word that the domain exports is explained in GLOSSARY.md, and the page names no type that is gone.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const DOMAIN = 'src/domain';
const EXPORTED = /^export (?:abstract )?(?:type|interface|class) (\w+)/gm;
const IN_GLOSSARY = /`([A-Z]\w+)`/g;

const namesIn = (text: string, form: RegExp): ReadonlySet<string> =>
  new Set([...text.matchAll(form)].map(([, name = '']) => name));

const sources = readdirSync(DOMAIN).filter(name => name.endsWith('.ts') && !name.endsWith('.test.ts'));
const exported = namesIn(sources.map(name => readFileSync(`${DOMAIN}/${name}`, 'utf8')).join('\n'), EXPORTED);
const explained = namesIn(readFileSync('GLOSSARY.md', 'utf8'), IN_GLOSSARY);

test('GLOSSARY.md explains every type of src/domain', () => {
  expect(exported.size).toBeGreaterThan(40);
  expect([...exported].filter(name => !explained.has(name))).toEqual([]);
});

test('GLOSSARY.md names no type that src/domain does not export', () => {
  expect([...explained].filter(name => !exported.has(name))).toEqual([]);
});
