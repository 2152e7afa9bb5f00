// Every command of the documentation: run on the host that its page names, or known to be run by the test that is named here.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { makePageHost } from '#fixtures/page-hosts.ts';
import { compareAnswer, parseTranscripts, type ShownCommand } from '../site/parse-transcripts.ts';
import { runBerth } from './berth.ts';

const PAGES = ['README.md', ...readdirSync('docs', { recursive: true, encoding: 'utf8' }).map(name => `docs/${name}`)]
  .filter(name => name.endsWith('.md') && !name.startsWith('docs/reference/'))
  .sort();

const pages = PAGES.map(page => ({ page, ...parseTranscripts(readFileSync(page, 'utf8')) }));

describe.each(pages.filter(({ host }) => host !== null))('the commands of $page', ({ host, commands }) => {
  let root = '';
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'berth-'));
    for (const [path, text] of makePageHost(host ?? '')) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text, 'latin1');
    }
  });
  afterAll(() => rmSync(root, { recursive: true }));

  // In this order: each finds what the ones before it left.
  it.each(commands.filter(({ line }) => whereElse(line) === null))('$line', ({ line, answer }: ShownCommand) => {
    const ran = runShown(root, line);
    expect(ran).toMatchObject({ code: expect.toBeOneOf([0, 2]) });
    expect(compareAnswer(answer, Buffer.from(ran.stdout, 'latin1').toString('utf8'))).toBeNull();
  });
});

/** Of an administrator at a terminal, who says yes. */
function runShown(root: string, line: string) {
  const [program, ...args] = line.split(/\s+/);
  if (program === 'cat') {
    return { code: 0, stdout: args.map(path => readFileSync(join(root, path), 'latin1')).join(''), stderr: '' };
  }
  if (program !== 'berth') return { code: 127, stdout: '', stderr: `${line}: pages with a host run berth and cat` };
  const asks = ['apply', 'undo', 'init', 'adopt'].includes(args[0] ?? '') || args.includes('--fix');
  return runBerth(['--root', root, ...args, ...(asks && !args.includes('--yes') ? ['--yes'] : [])]);
}

/** What cannot be run on a captured host: the test that runs it, and words of that test that show it. */
const ELSEWHERE: readonly (readonly [line: RegExp, file: string, shown: string])[] = [
  [/^npm start$/, 'e2e/demo.test.ts', 'demo'],
  [/^npm test$/, '.ci/run', 'npm test'],
  [/^npm run mutate /, 'stryker.config.json', 'mutate'],
  [/^berth bench --(list|show|compare)/, 'e2e/bench-stored.test.ts', "'--compare'"],
  [/^berth bench/, 'e2e/bench.test.ts', "'bench'"],
  [/^berth apply --move-memory/, 'lab/scenarios/move-memory/scenario.yaml', '--move-memory'],
  [/^berth diagnose/, 'e2e/diagnose.test.ts', "'diagnose'"],
  [/^berth hook/, 'e2e/hook-install.test.ts', "'hook', 'install'"],
  [/^berth migrate-check/, 'e2e/doctor.test.ts', "'migrate-check'"],
  [/^journalctl -u berth/, 'lab/scenarios/agent-notifies/scenario.yaml', 'journalctl'],
  [/^(apt (install|remove|purge)|rm .*berth)/, 'lab/scenarios/first-steps/scenario.yaml', 'follow: docs/install.md'],
  [/^systemctl enable --now berth/, 'lab/scenarios/first-steps/scenario.yaml', 'follow: docs/tutorial.md'],
];

/** What none can run here, and why. */
const NOWHERE: readonly (readonly [line: RegExp, why: string])[] = [
  [/^(qm|proxmox-boot-tool) /, "Proxmox's own programs need a node of its"],
  [
    /^(taskset|numastat|ps|dmesg|cat \/proc\/cmdline) /,
    'looks at a live kernel: the scenarios of the lab read the same',
  ],
];

const whereElse = (line: string): string | null =>
  [...ELSEWHERE, ...NOWHERE].find(([pattern]) => pattern.test(line))?.[1] ?? null;

test('every command of a page without a host is run elsewhere', () => {
  const nowhere = pages
    .filter(({ host }) => host === null)
    .flatMap(({ page, commands }) => commands.map(({ line }) => ({ page, line })))
    .filter(({ line }) => whereElse(line) === null);
  expect(nowhere).toEqual([]);
});

test.each(ELSEWHERE)('%s is run by %s', (_, file, shown) => {
  expect(readFileSync(file, 'utf8')).toContain(shown);
});
