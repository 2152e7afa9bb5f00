// The kernel parameters in GRUB's defaults: shell assignments, of which the last one counts.
import type { SourceText } from '#domain/text-tree.ts';
import type { WrittenWord } from './boot-words.ts';
import { type ShellPart, scanAssignments } from './shell-assignments.ts';

export interface GrubWords {
  readonly passed: readonly WrittenWord[];
  /** Assigned first, and gone when a later line assigned the variable anew. */
  readonly overridden: readonly WrittenWord[];
}

/** The two that GRUB's own scripts put behind every kernel that is not started for recovery. */
const PASSED = ['GRUB_CMDLINE_LINUX', 'GRUB_CMDLINE_LINUX_DEFAULT'] as const;

/** A piece of a variable's value, and where it was written. */
type Piece = WrittenWord;

/**
 * Files in the order in which GRUB reads them: `/etc/default/grub`, then `grub.d/*.cfg` by name. Understood are assignments, quotes,
 * values over several lines and references to earlier variables, as in `GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX isolcpus=4-7"`; not
 * conditions, nor what a program would compute.
 */
export function readGrubWords(sources: readonly SourceText[]): GrubWords {
  const variables = new Map<string, readonly Piece[]>();
  const assigned: WrittenWord[] = [];
  for (const source of sources) {
    for (const { name, appends, parts } of scanAssignments(source.text)) {
      const pieces = parts.flatMap(part => expand(part, variables, source));
      variables.set(name, appends ? [...(variables.get(name) ?? []), ...pieces] : pieces);
      if (isPassed(name)) assigned.push(...splitWords(pieces));
    }
  }
  const passed = PASSED.flatMap(name => splitWords(variables.get(name) ?? []));
  const texts = new Set(passed.map(({ word }) => word));
  return { passed, overridden: assigned.filter(({ word }) => !texts.has(word)) };
}

const isPassed = (name: string): boolean => (PASSED as readonly string[]).includes(name);

function expand(
  part: ShellPart,
  variables: ReadonlyMap<string, readonly Piece[]>,
  source: SourceText,
): readonly Piece[] {
  if (part.kind === 'variable') return variables.get(part.name) ?? [];
  return [{ word: part.text, source, line: part.line }];
}

/** As the kernel parts a command line, spaces within quotes left alone. A word is where its first character was written. */
function splitWords(pieces: readonly Piece[]): readonly WrittenWord[] {
  const whole = pieces.map(({ word }) => word).join('');
  return [...whole.matchAll(/(?:[^\s"]|"[^"]*")+/g)].flatMap(({ 0: word, index }) => {
    const at = pieceAt(pieces, index);
    return at === undefined ? [] : [{ ...at, word: word.replaceAll('"', '') }];
  });
}

function pieceAt(pieces: readonly Piece[], index: number): Piece | undefined {
  let end = 0;
  return pieces.find(({ word }) => {
    end += word.length;
    return index < end;
  });
}
