// The assignments of a shell file such as `/etc/default/grub`, without running it.

/** A part of a value: text as the shell would leave it, from one line; or a reference to a variable. */
export type ShellPart =
  | { readonly kind: 'text'; readonly text: string; readonly line: number }
  | { readonly kind: 'variable'; readonly name: string };

export interface ShellAssignment {
  readonly name: string;
  /** `NAME+=…`. */
  readonly appends: boolean;
  readonly parts: readonly ShellPart[];
}

const ASSIGNMENT = /([A-Za-z_]\w*)(\+?)=/y;
const VARIABLE = /\$(?:\{(\w+)\}|([A-Za-z_]\w*))/y;
/** What ends a word outside quotes. */
const END = /[\s;&|]/;

/** Commands are passed over with their arguments, so `echo A=b` assigns nothing; one of several in a line is found all the same. */
export function scanAssignments(text: string): readonly ShellAssignment[] {
  const found: ShellAssignment[] = [];
  let at = 0;
  let isCommand = false;
  while (at < text.length) {
    const char = text[at] ?? '';
    if (char === '\n' || char === ';') isCommand = false;
    if (END.test(char)) at++;
    else if (char === '#') at = endOfLine(text, at);
    else {
      const { name, appends, start } = readName(text, at);
      const { parts, end } = readValue(text, start);
      if (name !== null && !isCommand) found.push({ name, appends, parts });
      else if (text.slice(at, end) !== 'export') isCommand = true;
      at = Math.max(end, at + 1);
    }
  }
  return found;
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

function readName(text: string, at: number): { name: string | null; appends: boolean; start: number } {
  ASSIGNMENT.lastIndex = at;
  const match = ASSIGNMENT.exec(text);
  if (match === null) return { name: null, appends: false, start: at };
  return { name: match[1] ?? null, appends: match[2] === '+', start: at + match[0].length };
}

/** One word of the shell from here, with what its quotes hold. */
function readValue(text: string, start: number): { parts: readonly ShellPart[]; end: number } {
  const parts: ShellPart[] = [];
  let quote: '"' | "'" | null = null;
  let line = text.slice(0, start).split('\n').length;
  let run = '';
  const flush = () => {
    if (run !== '') parts.push({ kind: 'text', text: run, line });
    run = '';
  };
  let at = start;
  for (; at < text.length; at++) {
    const char = text[at] ?? '';
    const next = text[at + 1] ?? '';
    if (quote === null && END.test(char)) break;
    if (char === '\\' && quote !== "'") {
      // In double quotes a backslash stays, but before these.
      if (next !== '\n') run += quote === '"' && !/[$`"\\]/.test(next) ? `\\${next}` : next;
      else {
        flush();
        line++;
      }
      at++;
    } else if (char === quote) quote = null;
    else if (quote === null && (char === '"' || char === "'")) quote = char;
    else if (char === '$' && quote !== "'" && readVariable(text, at) !== null) {
      flush();
      const { name, length } = readVariable(text, at) ?? { name: '', length: 1 };
      parts.push({ kind: 'variable', name });
      at += length - 1;
    } else {
      run += char;
      if (char === '\n') {
        flush();
        line++;
      }
    }
  }
  flush();
  return { parts, end: at };
}

function readVariable(text: string, at: number): { name: string; length: number } | null {
  VARIABLE.lastIndex = at;
  const match = VARIABLE.exec(text);
  return match === null ? null : { name: match[1] ?? match[2] ?? '', length: match[0].length };
}
