// Commands and their answers in the fenced blocks of a page, and whether an answer is the one that the page shows.
import { Marked, type Tokens } from 'marked';

export interface Transcript {
  /** `<!-- host: NAME -->` of the page; null: none is named. */
  readonly host: string | null;
  readonly commands: readonly ShownCommand[];
}

export interface ShownCommand {
  /** As it is typed, without the prompt and without a comment behind it. */
  readonly line: string;
  /** Lines of the answer; `…` alone stands for any lines, within a line for any text. Empty: the page shows none. */
  readonly answer: readonly string[];
}

/** What is typed: lines with a prompt in ```console, every line in ```sh. */
export function parseTranscripts(text: string): Transcript {
  const host = /^<!-- host: ([a-z0-9-]+) -->$/m.exec(text)?.[1] ?? null;
  const blocks = new Marked().lexer(text).filter((token): token is Tokens.Code => token.type === 'code');
  return {
    host,
    commands: blocks.flatMap(({ lang, text: code }) => {
      if (lang === 'console') return parseConsole(code.split('\n'));
      if (lang === 'sh') return code.split('\n').flatMap(line => typed(line));
      return [];
    }),
  };
}

function parseConsole(lines: readonly string[]): readonly ShownCommand[] {
  const starts = lines.flatMap((line, index) => (line.startsWith('$ ') ? [index] : []));
  return starts.map((start, index) => ({
    line: withoutComment((lines[start] ?? '').slice(2)),
    answer: trimBlank(lines.slice(start + 1, starts[index + 1])),
  }));
}

const typed = (line: string): readonly ShownCommand[] => {
  const command = withoutComment(line);
  return command === '' ? [] : [{ line: command, answer: [] }];
};

const withoutComment = (line: string): string => line.replace(/(^|\s+)#.*$/, '').trim();

const trimBlank = (lines: readonly string[]): readonly string[] => {
  const last = lines.findLastIndex(line => line.trim() !== '');
  return lines.slice(0, last + 1);
};

/** Null when the answer is as shown, else the first shown line that does not come next, and what came instead. */
export function compareAnswer(
  shown: readonly string[],
  answer: string,
): { readonly wanted: string; readonly found: string } | null {
  const lines = answer
    .trimEnd()
    .split('\n')
    .map(line => line.trimEnd());
  let next = 0;
  let maySkip = false;
  for (const wanted of shown) {
    if (wanted.trim() === '…') {
      maySkip = true;
      continue;
    }
    const found = maySkip ? lines.findIndex((line, index) => index >= next && isAsShown(wanted, line)) : next;
    if (found === -1 || !isAsShown(wanted, lines[found] ?? ''))
      return { wanted, found: lines.slice(next, next + 8).join('\n') };
    next = found + 1;
    maySkip = false;
  }
  if (shown.length === 0 || maySkip || next >= lines.length) return null;
  return { wanted: '(nothing more)', found: lines.slice(next, next + 8).join('\n') };
}

function isAsShown(wanted: string, line: string): boolean {
  const pattern = wanted.trimEnd().split('…').map(escapePattern).join('.*');
  return new RegExp(`^${pattern}$`).test(line);
}

const escapePattern = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
