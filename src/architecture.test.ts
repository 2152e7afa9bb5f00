// Keeps the order of the layers: what each folder may import, what the pure core must not touch, and that each file says its job.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it, test } from 'vitest';

const CORE = [
  'domain',
  'contract',
  'policy',
  'topology',
  'proxmox',
  'plan',
  'verify',
  'boot',
  'doctor',
  'diagnose',
  'latency',
  'report',
] as const;

/** All that a folder of src may import, beside itself. Each names only rows above it, so there are no cycles. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  contract: ['domain', 'zod'],
  policy: ['domain', 'contract', 'zod', 'yaml'],
  topology: ['domain', 'saxes'],
  proxmox: ['domain'],
  plan: ['domain', 'proxmox'],
  verify: ['domain', 'proxmox'],
  boot: ['domain', 'proxmox'],
  doctor: ['domain', 'proxmox', 'boot'],
  diagnose: ['domain'],
  latency: ['domain', 'hdr-histogram-js'],
  report: ['domain', 'latency'],
  solve: ['plan', 'node', 'highs'],
  host: [...CORE, 'node', 'koffi'],
  apply: [...CORE, 'host', 'node'],
  agent: [...CORE, 'host', 'node'],
  cli: [...CORE, 'solve', 'host', 'apply', 'agent', 'fixtures', 'node', 'commander', 'picocolors'],
};

/** Tests may use these as well. */
const TESTS_MAY_IMPORT = ['fixtures', 'node', 'vitest', 'fast-check'];

/** What compiles in the core although it is not pure. */
const IMPURE = /\bDate\.now\b|\bnew Date\(|\bMath\.random\b|\bprocess\.|\bconsole\./;

const JOB = /^\/\/ [\w`].*[.?]$/;

/** Violations of all rules in files of src: path below src → text. */
function findViolations(files: ReadonlyMap<string, string>): readonly string[] {
  return [...files].flatMap(([path, text]) => [
    ...importsOf(text).flatMap(name => checkImport(path, name)),
    ...checkPurity(path, text),
    ...checkFirstLine(path, text),
  ]);
}

const IMPORT_FORMS = [
  /^(?:import|export)\b[^;]*?\bfrom '([^']+)'/gm,
  /^import '([^']+)'/gm,
  /\bimport\(\s*([^)]+?)\s*\)/g,
  /\bcreateRequire\(import\.meta\.url\)\(([^)]+)\)/g,
];

/** Names as they are written; quotes of dynamic imports are taken off, anything but a literal stays as it is. */
function importsOf(text: string): readonly string[] {
  return IMPORT_FORMS.flatMap(form => [...text.matchAll(form)].map(([, name = '']) => name.replace(/^'(.*)'$/, '$1')));
}

function checkImport(path: string, name: string): readonly string[] {
  const folder = topFolder(path);
  const target = importTarget(path, name);
  if (target === folder) return [];
  const isTest = path.endsWith('.test.ts');
  const allowed = [...(MAY_IMPORT[folder] ?? []), ...(isTest ? TESTS_MAY_IMPORT : [])];
  return target !== null && allowed.includes(target) ? [] : [`${path} must not import ${name}`];
}

const topFolder = (path: string): string => path.split('/')[0] ?? '';

/** The folder, npm package or `node` that an import means; null for relative paths that leave their folder. */
function importTarget(path: string, name: string): string | null {
  if (name.startsWith('.')) {
    const target = topFolder(normalize(join(dirname(path), name)));
    return target === topFolder(path) ? target : null;
  }
  if (name.startsWith('node:')) return 'node';
  const [first = '', second = ''] = name.split('/');
  if (first.startsWith('#')) return first.slice(1);
  return first.startsWith('@') ? `${first}/${second}` : first;
}

function checkPurity(path: string, text: string): readonly string[] {
  const isCore = (CORE as readonly string[]).includes(topFolder(path)) && !path.endsWith('.test.ts');
  const found = isCore ? IMPURE.exec(withoutComments(text)) : null;
  return found === null ? [] : [`${path} must not use ${found[0]}`];
}

const withoutComments = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');

const checkFirstLine = (path: string, text: string): readonly string[] =>
  JOB.test(text.split('\n', 1)[0] ?? '') ? [] : [`${path} must say its job in a first line of comment, as a sentence`];

function readSources(directory: string, endings = ['.ts', '.mjs']): ReadonlyMap<string, string> {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  const sources = names.filter(name => endings.some(ending => name.endsWith(ending))).sort();
  return new Map(sources.map(name => [name, readFileSync(join(directory, name), 'utf8')]));
}

describe('the sources', () => {
  const inFolders = new Map([...readSources('src')].filter(([path]) => path.includes('/')));

  it('keep every rule', () => {
    expect(inFolders.size).toBeGreaterThan(100);
    expect(findViolations(inFolders)).toEqual([]);
  });

  it('are all in folders that have a row', () => {
    const folders = new Set([...inFolders.keys()].map(topFolder));
    expect([...folders].filter(folder => !(folder in MAY_IMPORT))).toEqual([]);
  });

  it.each(['fixtures', 'conform', 'bench', 'e2e', 'scripts'])('of %s say their job too', directory => {
    expect([...readSources(directory)].flatMap(([path, text]) => checkFirstLine(path, text))).toEqual([]);
  });
});

test('no row names itself or a row below it', () => {
  const rows = Object.keys(MAY_IMPORT);
  for (const [index, row] of rows.entries()) {
    const later = rows.slice(index);
    expect((MAY_IMPORT[row] ?? []).filter(name => later.includes(name))).toEqual([]);
  }
});

describe('each rule', () => {
  const broken: readonly (readonly [path: string, line: string])[] = [
    ['domain/a.ts', "import { b } from '#topology/b.ts';"],
    ['domain/a.ts', "import type { B } from '#plan/b.ts';"],
    ['domain/a.ts', "export { b } from '#report/b.ts';"],
    ['domain/a.ts', "import {\n  b,\n  c,\n} from '#contract/b.ts';"],
    ['domain/a.ts', "import * as z from 'zod/mini';"],
    ['topology/a.ts', "import { readFileSync } from 'node:fs';"],
    ['topology/a.ts', "import 'node:fs';"],
    ['topology/a.ts', "import { b } from '../domain/b.ts';"],
    ['topology/a.ts', "import { b } from '../../fixtures/b.ts';"],
    ['verify/a.ts', "import { makePlan } from '#plan/make-plan.ts';"],
    ['report/a.ts', "import pc from 'picocolors';"],
    ['plan/a.ts', "const b = await import('#host/b.ts');"],
    ['plan/a.ts', 'const b = await import(name);'],
    ['plan/a.ts', "type B = import('#cli/b.ts').B;"],
    ['host/a.ts', "import { b } from '#apply/b.ts';"],
    ['host/a.ts', "import { b } from '@scope/b';"],
    ['apply/a.ts', "const koffi = createRequire(import.meta.url)('koffi');"],
    ['apply/a.ts', "import { demo } from '#fixtures/demo-host.ts';"],
    ['apply/a.ts', "import { test } from 'vitest';"],
    ['plan/a.test.ts', "import { openHost } from '#host/open-host.ts';"],
    ['elsewhere/a.ts', "import { b } from '#domain/b.ts';"],
    ['domain/a.ts', 'const now = Date.now();'],
    ['policy/a.ts', 'const now = new Date();'],
    ['plan/a.ts', 'const n = Math.random();'],
    ['report/a.ts', 'const color = process.env.NO_COLOR;'],
    ['proxmox/a.ts', "console.log('x');"],
  ];
  const job = '// Does one thing.\n';

  it.each(broken)('finds what is wrong in %s: %s', (path, line) => {
    expect(findViolations(new Map([[path, `${job}${line}\n`]]))).toHaveLength(1);
  });

  it.each([
    ['no comment', 'export const a = 1;'],
    ['a block comment', '/* Does one thing. */'],
    ['half a sentence', '// does one thing'],
    ['an empty file', ''],
  ])('finds %s in a first line', (_, text) => {
    expect(findViolations(new Map([['domain/a.ts', text]]))).toHaveLength(1);
  });

  const sound: readonly (readonly [path: string, line: string])[] = [
    ['domain/a.ts', "import { b } from './b.ts';"],
    ['contract/a.ts', "import * as z from 'zod/mini';"],
    ['host/a.ts', "const koffi = createRequire(import.meta.url)('koffi');"],
    ['cli/commands/a.ts', "import { b } from '../b.ts';"],
    ['cli/main.ts', "const { plan } = await import('./commands/plan.ts');"],
    ['plan/a.test.ts', "import { it } from 'vitest';"],
    ['plan/a.ts', '/** Never calls Date.now. */'],
    ['plan/a.ts', '  // console.log would not compile'],
  ];

  it.each(sound)('has nothing against %s: %s', (path, line) => {
    expect(findViolations(new Map([[path, `${job}${line}\n`]]))).toEqual([]);
  });
});
