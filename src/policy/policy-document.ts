// The YAML side of a policy: a document whose every value knows its line and column.
import { type Document, isMap, isNode, isPair, isScalar, LineCounter, type Node, parseDocument } from 'yaml';
import { ParseError, type TextPosition } from '#domain/errors.ts';

export interface PolicyDocument {
  readonly document: Document.Parsed;
  /** Where the value at a path stands; `key` gives the position of the key itself instead. */
  position(path: readonly PropertyKey[], part?: 'key' | 'value'): TextPosition;
}

/** @throws ParseError at the line and column of a YAML error; aliases and merge keys are refused, since a policy is read by people. */
export function parsePolicyDocument(text: string, file: string): PolicyDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, merge: false });
  const at = (offset: number): TextPosition => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col };
  };
  const error = document.errors[0];
  if (error) throw new ParseError(`${error.message}`, at(error.pos[0]), { cause: error });
  if (document.contents !== null && !isMap(document.contents)) {
    throw new ParseError('a policy is a map with the keys host, tags and guests', at(0));
  }
  return {
    document,
    position: (path, part = 'value') => {
      const node = findNode(document.contents, path, part);
      return node?.range ? at(node.range[0]) : { file };
    },
  };
}

/** The node at a path, or the nearest one above it that exists. */
function findNode(contents: Node | null, path: readonly PropertyKey[], part: 'key' | 'value'): Node | null {
  let node = contents;
  for (const [depth, name] of path.entries()) {
    if (!isMap(node)) return node;
    const pair = node.items.find(item => isScalar(item.key) && String(item.key.value) === String(name));
    if (!isPair(pair)) return node;
    if (part === 'key' && depth === path.length - 1 && isNode(pair.key)) return pair.key;
    if (!isNode(pair.value)) return isNode(pair.key) ? pair.key : node;
    node = pair.value;
  }
  return node;
}
