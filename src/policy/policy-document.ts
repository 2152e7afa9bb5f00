// The YAML side of a policy: a document whose every value knows its line and column.
import {
  type Document,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';
import { ParseError, type TextPosition } from '#domain/errors.ts';

export interface PolicyDocument {
  readonly document: Document.Parsed;
  /** Where the value at a path stands; `key` gives the position of the key itself instead. */
  position(path: readonly PropertyKey[], part?: 'key' | 'value'): TextPosition;
  /** The word or number at a path; undefined where there is none. */
  scalar(path: readonly PropertyKey[]): unknown;
}

/** @throws ParseError at the line and column of a YAML error; aliases, merge keys and keys that mean the same are refused: a policy is read by people. */
export function parsePolicyDocument(text: string, file: string): PolicyDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, merge: false });
  const at = (offset: number): TextPosition => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const error = document.errors[0];
  if (error) throw new ParseError(`${error.message}`, at(error.pos[0]), { cause: error });
  const isEmpty = document.contents === null || (isScalar(document.contents) && document.contents.value === null);
  if (!isEmpty && !isMap(document.contents)) {
    throw new ParseError('a policy is a map with the keys host, tags, guests and doctor', at(0));
  }
  visit(document, {
    Alias: (_, { range }) => {
      throw new ParseError('aliases are not read here; write it out', at(range?.[0] ?? 0));
    },
    Map: (_, map) => refuseTwins(map, at),
  });
  return {
    document,
    position: (path, part = 'value') => {
      const node = findNode(document.contents, path, part);
      return node?.range ? at(node.range[0]) : { file };
    },
    scalar: path => {
      const node = findNode(document.contents, path, 'value');
      return isScalar(node) ? node.value : undefined;
    },
  };
}

/** `100` and `"100"` are two keys to YAML, and one guest to everybody else. */
function refuseTwins(map: YAMLMap, at: (offset: number) => TextPosition): void {
  const seen = new Set<string>();
  for (const { key } of map.items) {
    if (!isScalar(key)) continue;
    const name = String(key.value);
    if (seen.has(name)) throw new ParseError(`"${name}" is there twice`, at(key.range?.[0] ?? 0));
    seen.add(name);
  }
}

/** The node at a path, or the nearest one above it that exists. */
function findNode(contents: Node | null, path: readonly PropertyKey[], part: 'key' | 'value'): Node | null {
  let node = contents;
  for (const [depth, name] of path.entries()) {
    if (isSeq(node)) {
      const item = node.items[Number(name)];
      if (!isNode(item)) return node;
      node = item;
      continue;
    }
    if (!isMap(node)) return node;
    const pair = node.items.find(item => isScalar(item.key) && String(item.key.value) === String(name));
    if (!isPair(pair)) return node;
    if (part === 'key' && depth === path.length - 1 && isNode(pair.key)) return pair.key;
    if (!isNode(pair.value)) return isNode(pair.key) ? pair.key : node;
    node = pair.value;
  }
  return node;
}
