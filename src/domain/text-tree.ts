// How pure code sees files: a tree of texts, live or captured, one character per byte (latin1).

export interface TextTree {
  /** The text of `/absolute/path`, or null when there is no such file. Throws when it exists and cannot be read. */
  read(path: string): string | null;
  /** The names in a directory, sorted; empty when there is none. */
  list(path: string): readonly string[];
}

/** A file with its text, one character per byte. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
}

/** Something that should have been known and could not be read: reported, never guessed. */
export interface Unknown {
  readonly path: string;
  readonly reason: string;
}
