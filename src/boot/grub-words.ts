// The kernel parameters in GRUB's defaults: shell assignments, of which the last one counts.
import type { SourceText } from '#domain/text-tree.ts';
import type { WrittenWord } from './boot-words.ts';

export interface GrubWords {
  readonly passed: readonly WrittenWord[];
  /** Assigned first, and gone when a later line assigned the variable anew. */
  readonly overridden: readonly WrittenWord[];
}

/** The two that GRUB's own scripts put behind every kernel that is not started for recovery. */
const PASSED = ['GRUB_CMDLINE_LINUX', 'GRUB_CMDLINE_LINUX_DEFAULT'] as const;

const ASSIGNMENT = /^\s*(?:export\s+)?([A-Za-z_]\w*)(\+?)=(.*)$/;

/**
 * Files in the order in which GRUB reads them: `/etc/default/grub`, then `grub.d/*.cfg` by name. Understood are plain assignments,
 * `+=` and references to earlier variables, as in `GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX isolcpus=4-7"`; not a value over
 * several lines, nor what a program would compute.
 */
export function readGrubWords(sources: readonly SourceText[]): GrubWords {
  const variables = new Map<string, readonly WrittenWord[]>();
  const assigned: WrittenWord[] = [];
  for (const source of sources) {
    for (const [index, text] of source.text.split('\n').entries()) {
      const [, name, plus, value] = ASSIGNMENT.exec(text) ?? [];
      if (name === undefined || value === undefined) continue;
      const words = expandWords(unquote(value), variables, { source, line: index + 1 });
      variables.set(name, plus === '+' ? [...(variables.get(name) ?? []), ...words] : words);
      if (isPassed(name)) assigned.push(...words);
    }
  }
  const passed = PASSED.flatMap(name => variables.get(name) ?? []);
  const texts = new Set(passed.map(({ word }) => word));
  return { passed, overridden: assigned.filter(({ word }) => !texts.has(word)) };
}

const isPassed = (name: string): boolean => (PASSED as readonly string[]).includes(name);

/** The value of a shell assignment: up to the closing quote, or to the first space. */
function unquote(value: string): string {
  const [, double, single] = /^(?:"((?:[^"\\]|\\.)*)"|'([^']*)')/.exec(value) ?? [];
  return double?.replaceAll(/\\(.)/g, '$1') ?? single ?? /^[^\s#;]*/.exec(value)?.[0] ?? '';
}

function expandWords(
  text: string,
  variables: ReadonlyMap<string, readonly WrittenWord[]>,
  at: Omit<WrittenWord, 'word'>,
): readonly WrittenWord[] {
  return [...text.matchAll(/(?:[^\s"]|"[^"]*")+/g)].flatMap(([word]) => {
    const reference = /^\$(?:\{(\w+)\}|(\w+))$/.exec(word);
    const name = reference?.[1] ?? reference?.[2];
    return name === undefined ? [{ word: word.replaceAll('"', ''), ...at }] : (variables.get(name) ?? []);
  });
}
