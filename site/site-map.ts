// What stands where on the site: sections, and the Markdown files in each, in reading order.
import { readdirSync } from 'node:fs';

export interface Section {
  readonly title: string;
  /** Of Markdown files in the project; each is a page. The first one stands for those that are not in the menu. */
  readonly files: readonly string[];
  /** Pages that are reached through the first one of the section, and not from the menu. */
  readonly below: readonly string[];
}

const section = (title: string, files: readonly string[], below: readonly string[] = []): Section => ({
  title,
  files,
  below,
});

const markdownIn = (directory: string): readonly string[] =>
  readdirSync(directory)
    .filter(name => name.endsWith('.md'))
    .sort()
    .map(name => `${directory}/${name}`);

const FRONT_PAGE = 'docs/index.md';

export const makeSiteMap = (): readonly Section[] => [
  section('Start', [FRONT_PAGE, 'docs/install.md', 'docs/tutorial.md', 'docs/from-the-tutorial.md']),
  section('By kind of host', [
    'docs/how-to/small-box.md',
    'docs/how-to/ryzen-two-dies.md',
    'docs/how-to/hybrid-intel.md',
    'docs/how-to/dual-epyc.md',
    'docs/how-to/dual-epyc-nps4.md',
  ]),
  section('By kind of guest', [
    'docs/how-to/gaming-gpu.md',
    'docs/how-to/database.md',
    'docs/how-to/firewall.md',
    'docs/how-to/audio.md',
  ]),
  section('In depth', [
    'docs/diagnose.md',
    'docs/isolation.md',
    'docs/isolate.md',
    'docs/memory-and-interrupts.md',
    'docs/quiet-host.md',
    'docs/hook.md',
    'docs/notifications.md',
    'docs/bench.md',
  ]),
  section('Reference', ['docs/reference/commands.md', 'docs/reference/policy.md', 'GLOSSARY.md']),
  section('Findings of doctor', ['docs/reference/findings.md'], markdownIn('docs/findings')),
  section('Why it is so', ['docs/what-pinning-can-do.md']),
  section('Measured', markdownIn('docs/benchmarks')),
  section(
    'Decisions',
    ['docs/decisions/README.md'],
    markdownIn('docs/decisions').filter(file => !file.endsWith('README.md')),
  ),
];

/** For people who work on Berth: they have the checkout. */
export const NOT_ON_THE_SITE: readonly string[] = ['docs/lab.md', 'docs/mutation.md'];

/** Path of a page below the site's directory. */
export const pagePath = (file: string): string =>
  file === 'GLOSSARY.md'
    ? 'reference/glossary.html'
    : file
        .replace(/^docs\//, '')
        .replace(/(README)?\.md$/, readme => (readme === 'README.md' ? 'index.html' : '.html'));
