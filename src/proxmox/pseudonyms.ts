// Replaces names consistently: the same name gets the same substitute wherever it stands, and tells nothing.

export type NameKind =
  | 'uuid'
  | 'tag'
  | 'snapshot'
  | 'iothread'
  | 'node'
  | 'storage'
  | 'rule'
  | 'mapping'
  | 'group'
  | 'pool'
  | 'link'
  | 'file';

const ENCODE: Readonly<Record<NameKind, (number: number) => string>> = {
  uuid: number => `00000000-0000-4000-8000-${`${number}`.padStart(12, '0')}`,
  tag: number => `tag${number}`,
  snapshot: number => `snapshot${number}`,
  iothread: number => `iothread-x${number}`,
  // The first to be asked for is the node that is captured.
  node: number => (number === 1 ? 'node' : `node${number}`),
  storage: number => `storage${number}`,
  rule: number => `rule${number}`,
  mapping: number => `mapping${number}`,
  group: number => `group${number}`,
  link: number => `link${number}`,
  pool: number => `pool${number}`,
  file: number => `file${number}`,
};

export class Pseudonyms {
  readonly #given = new Map<string, string>();
  readonly #counts = new Map<NameKind, number>();

  /** The substitute of a name, numbered from 1 within its kind. */
  of(kind: NameKind, name: string): string {
    const key = `${kind} ${name}`;
    const known = this.#given.get(key);
    if (known !== undefined) return known;
    const number = (this.#counts.get(kind) ?? 0) + 1;
    const substitute = ENCODE[kind](number);
    this.#counts.set(kind, number);
    this.#given.set(key, substitute);
    return substitute;
  }
}
