// Reads small sysfs files as values; every error names its file, what cannot be read is noted and not guessed.
import { ParseError } from '#domain/errors.ts';
import { parseCpuList, parseCpuMask } from '#domain/id-list.ts';
import type { CpuSet } from '#domain/id-set.ts';
import type { TextTree, Unknown } from '#domain/text-tree.ts';

/** All methods return null when there is no such file, or when it cannot be read, which is then noted in `unknown`. */
export class SysfsReader {
  readonly unknown: Unknown[] = [];
  readonly #tree: TextTree;
  /** Thousands of CPU sets on a large machine, few different ones. */
  readonly #sets = new Map<string, CpuSet>();

  constructor(tree: TextTree) {
    this.#tree = tree;
  }

  note(path: string, reason: string): void {
    this.unknown.push({ path, reason });
  }

  /** Empty, too, for a directory that is not there. */
  list(path: string): readonly string[] {
    return this.#attempt(path, () => this.#tree.list(path)) ?? [];
  }

  /** Without the NUL that Linux 5.15 and its neighbours put behind CPU lists and masks. */
  text(path: string): string | null {
    return this.#attempt(path, () => this.#tree.read(path)?.replace(/\0$/, '') ?? null);
  }

  /** `0-3,8`. @throws ParseError naming the file. */
  cpuList(path: string): CpuSet | null {
    return this.#set(path, parseCpuList);
  }

  /** `ff,00000000`. @throws ParseError naming the file. */
  cpuMask(path: string): CpuSet | null {
    return this.#set(path, parseCpuMask);
  }

  /** The first of the files that is there, read by the form that its name tells: `…list` or a mask. */
  firstCpuSet(directory: string, names: readonly string[]): CpuSet | null {
    for (const name of names) {
      const path = `${directory}/${name}`;
      const cpus = name.endsWith('list') ? this.cpuList(path) : this.cpuMask(path);
      if (cpus) return cpus;
    }
    return null;
  }

  /** A decimal number; -1 is how the kernel says "none". @throws ParseError naming the file. */
  integer(path: string): number | null {
    return this.parse(path, text => {
      if (!/^-?\d+\n?$/.test(text)) throw new ParseError(`Cannot parse number "${text.trimEnd()}"`);
      return Number(text);
    });
  }

  /** Reads a file with a parser of texts; a ParseError that does not name a file gets this one's. */
  parse<Value>(path: string, parser: (text: string, file: string) => Value): Value | null {
    const text = this.text(path);
    if (text === null) return null;
    try {
      return parser(text, path);
    } catch (error) {
      if (!(error instanceof ParseError) || error.position.file !== undefined) throw error;
      throw new ParseError(error.message, { file: path }, { cause: error });
    }
  }

  #attempt<Value>(path: string, read: () => Value): Value | null {
    try {
      return read();
    } catch (error) {
      this.note(path, error instanceof Error ? error.message : String(error));
      return null;
    }
  }

  #set(path: string, parser: (text: string) => CpuSet): CpuSet | null {
    return this.parse(path, text => {
      const known = this.#sets.get(text);
      if (known) return known;
      // Even the empty set ends with a newline: no text at all is a file cut off.
      if (text === '') throw new ParseError('The file is empty');
      const cpus = parser(text);
      this.#sets.set(text, cpus);
      return cpus;
    });
  }
}

/** The N of the entries `nameN`, ascending. */
export function numberedEntries(names: readonly string[], name: string): readonly number[] {
  return names
    .filter(entry => entry.startsWith(name) && /^\d+$/.test(entry.slice(name.length)))
    .map(entry => Number(entry.slice(name.length)))
    .sort((a, b) => a - b);
}
