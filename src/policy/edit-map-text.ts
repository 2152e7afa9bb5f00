// Puts entries into the text of a YAML map and takes them out; every byte besides stays as it is.
import { isMap, isNode, type Pair, type YAMLMap } from 'yaml';

/** Inserts `entry` (`key: value`) as the last of the map; a block map must not be empty. */
export function insertEntry(text: string, map: YAMLMap, entry: string): string {
  const [first] = map.items;
  const last = map.items.at(-1);
  if (first === undefined || last === undefined) return replaceNode(text, map, `{ ${entry} }`);
  if (map.flow) return splice(text, endOf(last), endOf(last), `, ${entry}`);
  const indent = text.slice(lineStart(text, startOf(first)), startOf(first));
  const at = lineEnd(text, endOf(last));
  const newline = at > 0 && text[at - 1] !== '\n' ? '\n' : '';
  return splice(text, at, at, `${newline}${indent}${entry}\n`);
}

/** Removes an entry, with its comment on the same line. Of a flow map `{}` is left; a block map keeps at least one other entry. */
export function removeEntry(text: string, map: YAMLMap, entry: Pair): string {
  if (!map.flow) return splice(text, lineStart(text, startOf(entry)), lineEnd(text, endOf(entry)), '');
  const index = map.items.indexOf(entry);
  const [previous, next] = [map.items[index - 1], map.items[index + 1]];
  if (next) return splice(text, startOf(entry), startOf(next), '');
  return previous ? splice(text, endOf(previous), endOf(entry), '') : replaceNode(text, map, '{}');
}

export function replaceNode(text: string, node: { readonly range?: readonly number[] | null }, by: string): string {
  const [start = 0, end = start] = node.range ?? [];
  return splice(text, start, end, by);
}

const splice = (text: string, start: number, end: number, by: string) => text.slice(0, start) + by + text.slice(end);

const startOf = ({ key }: Pair): number => (isNode(key) ? (key.range?.[0] ?? 0) : 0);

/** Behind the last character of the entry's value; of a block map, of its last entry's. */
function endOf({ key, value }: Pair): number {
  const last = isMap(value) && !value.flow ? value.items.at(-1) : undefined;
  if (last) return endOf(last);
  const node = isNode(value) ? value : key;
  return isNode(node) ? (node.range?.[1] ?? 0) : 0;
}

const lineStart = (text: string, at: number): number => text.lastIndexOf('\n', at - 1) + 1;

/** Behind the line's newline, or the end of the text. */
function lineEnd(text: string, at: number): number {
  const newline = text.indexOf('\n', at);
  return newline === -1 ? text.length : newline + 1;
}
