// Every command of the documentation: run on the host that its page names, or known to be run by the test that is named here.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

/** What cannot be run on a captured host, and the test that runs it; or why none can. */
const ELSEWHERE: readonly (readonly [line: RegExp, where: string])[] = [
  [/^npm start$/, 'e2e/demo.test.ts'],
  [/^npm test$/, '.ci/run'],
  [/^npm run mutate /, 'stryker.config.json'],
  [/^berth bench --(list|show|compare)/, 'e2e/bench-stored.test.ts'],
  [/^berth bench/, 'e2e/bench.test.ts'],
  [/^berth apply --move-memory/, 'lab/scenarios/move-memory/scenario.yaml'],
  [/^berth diagnose/, 'e2e/diagnose.test.ts'],
  [/^berth hook/, 'e2e/hook-install.test.ts'],
  [/^berth migrate-check/, 'e2e/adopt.test.ts'],
  [/^journalctl -u berth/, 'lab/scenarios/agent-notifies/scenario.yaml'],
  [/^(apt (install|remove|purge)|rm .*berth)/, 'lab/scenarios/package/scenario.yaml'],
  [/^systemctl (enable|disable) --now berth/, 'lab/scenarios/agent-keeps-placement/scenario.yaml'],
  [/^(qm|proxmox-boot-tool) /, 'Proxmox itself: its own programs need a node of its'],
  [
    /^(taskset|numastat|ps|dmesg|cat \/proc\/cmdline) /,
    'looks at a live kernel: the scenarios of the lab read the same',
  ],
];

const whereElse = (line: string): string | null => ELSEWHERE.find(([pattern]) => pattern.test(line))?.[1] ?? null;

test('every command of a page without a host is run elsewhere', () => {
  const nowhere = pages
    .filter(({ host }) => host === null)
    .flatMap(({ page, commands }) => commands.map(({ line }) => ({ page, line })))
    .filter(({ line }) => whereElse(line) === null);
  expect(nowhere).toEqual([]);
});

test.each([...new Set(ELSEWHERE.map(([, where]) => where).filter(where => !/[: ]/.test(where)))])(
  '%s is there',
  where => {
    expect(existsSync(where)).toBe(true);
  },
);
