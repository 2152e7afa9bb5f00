// The man page and the completions know every command and every option of the program, and the shells understand them.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { program } from '#cli/program.ts';
import { renderBashCompletion } from './bash-completion.ts';
import { listCommands, makeCommandTree } from './command-tree.ts';
import { renderFishCompletion } from './fish-completion.ts';
import { renderManPage } from './man-page.ts';
import { renderZshCompletion } from './zsh-completion.ts';

const tree = makeCommandTree(program);
const commands = listCommands(tree);
const scratch = mkdtempSync(join(tmpdir(), 'berth-words-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const isInstalled = (name: string): boolean => spawnSync(name, ['--version']).status === 0;

/** What a shell says to a script, in which FILE is the completions' file. */
function ask(shell: string, completions: string, script: string): readonly string[] {
  const file = join(scratch, shell);
  writeFileSync(file, completions);
  const { stdout, stderr } = spawnSync(shell, ['-c', script.replaceAll('FILE', file)], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.split(/\s+/).filter(word => word !== '');
}

describe('makeCommandTree()', () => {
  it('has every command of the program, those below others too', () => {
    const names = commands.map(({ path }) => path.join(' '));
    expect(names).toEqual(expect.arrayContaining(['berth', 'berth plan', 'berth hook install', 'berth policy set']));
    expect(names).toHaveLength(
      1 + program.commands.length + program.commands.flatMap(({ commands }) => commands).length,
    );
  });

  it('knows what can stand where', () => {
    const find = (name: string) => commands.find(({ path }) => path.join(' ') === name);
    const option = (name: string, long: string) => find(name)?.options.find(one => one.long === long);
    expect(find('berth explain')?.arguments.map(({ usage }) => usage)).toEqual(['<vmid>', '[file]']);
    expect(find('berth verify')?.arguments).toMatchObject([{ usage: '[vmid...]', completion: { kind: 'vmids' } }]);
    expect(option('berth', '--root')).toMatchObject({ value: '<dir>', completion: { kind: 'directories' } });
    expect(option('berth plan', '--defrag')).toMatchObject({ value: null, short: null });
    expect(option('berth bench', '--mode')?.completion).toEqual({ kind: 'words', words: ['host', 'guest'] });
    expect(option('berth bench', '--mode')?.description).toContain('(one of host, guest; default host)');
  });
});

describe('renderManPage()', () => {
  const page = renderManPage(tree, { version: '1.2.3', date: '2026-11-23' });

  it('has every command with its options', () => {
    const parts = new Map(page.split('\n.SS\n').map(part => [part.split('\n', 1)[0]?.split('\\fR', 1)[0], part]));
    for (const { path, options } of commands.slice(1)) {
      const part = parts.get(`\\fB${path.slice(1).join(' ').replaceAll('-', '\\-')}`);
      expect(part, path.join(' ')).toBeDefined();
      for (const { long } of options.filter(({ long }) => long !== '--help')) {
        expect(part, path.join(' ')).toContain(`\\fB${long.replaceAll('-', '\\-')}\\fR`);
      }
    }
  });

  it('says the version and the date', () => {
    expect(page).toContain('.TH BERTH 1 2026-11-23 "berth 1.2.3"');
  });

  it.runIf(isInstalled('groff'))('is understood by groff without a warning', () => {
    const { stdout, stderr } = spawnSync('groff', ['-man', '-Tutf8', '-ww', '-Kutf8'], {
      input: page,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(stdout).toContain('ake the plan true, step by step');
  });
});

describe('renderBashCompletion()', () => {
  const completions = renderBashCompletion(tree);
  const complete = (line: string) =>
    ask(
      'bash',
      completions,
      `. FILE; COMP_WORDS=(${line}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _berth; echo "\${COMPREPLY[@]}"`,
    );

  it('offers every command, and every option where it is understood', () => {
    const everywhere = tree.options.map(({ long }) => long);
    const script = commands
      .map(
        ({ path }, index) =>
          `COMP_WORDS=(${path.join(' ')} --); COMP_CWORD=${path.length}; _berth; echo ${index} "\${COMPREPLY[@]}"`,
      )
      .join('\n');
    const said = ask('bash', completions, `. FILE\n${script}`).join(' ');
    commands.forEach(({ path, options }, index) => {
      const words = said
        .slice(said.indexOf(`${index} --`))
        .split(' ')
        .slice(1);
      const offered = words.slice(0, words.findIndex(word => /^\d/.test(word)) >>> 0);
      expect(new Set(offered), path.join(' ')).toEqual(new Set([...everywhere, ...options.map(({ long }) => long)]));
    });
    expect(complete("berth ''")).toEqual(tree.commands.map(({ name }) => name));
    expect(complete("berth hook ''")).toEqual(expect.arrayContaining(['call', 'install', 'remove']));
  });

  it.each([
    ['the values of an option', 'berth bench 100 --mode g', ['guest']],
    ['commands after options of the program', 'berth --json und', ['undo']],
    ['nothing for a value that nobody can know', "berth plan --max-moves ''", []],
    ['directories', 'berth --root /us', ['/usr']],
  ])('offers %s', (_, line, words) => {
    expect(complete(line)).toEqual(words);
  });
});

describe('renderFishCompletion()', () => {
  const completions = renderFishCompletion(tree);

  it('names every command and every option', () => {
    for (const { path, options } of commands.slice(1)) {
      expect(completions).toContain(`--arguments ${path.at(-1)} `);
      for (const { long } of options) expect(completions).toContain(`--long-option ${long.slice(2)} `);
    }
  });

  it.runIf(isInstalled('fish'))('is understood by fish', () => {
    const offered = ask(
      'fish',
      completions,
      `source FILE; complete --do-complete 'berth hook in' | string split -f1 \\t`,
    );
    expect(offered).toEqual(['install']);
    const values = ask(
      'fish',
      completions,
      `source FILE; complete --do-complete 'berth bench --mode=' | string split -f1 \\t`,
    );
    expect(values).toEqual(['--mode=guest', '--mode=host']);
  });
});

describe('renderZshCompletion()', () => {
  const completions = renderZshCompletion(tree);

  it('names every command and every option', () => {
    for (const { path, options } of commands.slice(1)) {
      expect(completions).toContain(`        ${path.at(-1)}) `);
      for (const { long } of options) expect(completions).toContain(`'${long}[`);
    }
  });

  it.runIf(isInstalled('zsh'))('is read by zsh without complaint', () => {
    expect(ask('zsh', completions, 'zsh -n FILE && echo read')).toEqual(['read']);
  });
});
