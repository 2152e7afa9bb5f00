// Changes one guest's wishes in policy.yaml; comments, order and every other byte stay.
import { isMap, isNode, isScalar, type Pair, type YAMLMap } from 'yaml';
import { ParseError } from '#domain/errors.ts';
import type { VmId } from '#domain/ids.ts';
import { insertEntry, removeEntry, replaceNode } from './edit-map-text.ts';
import { parsePolicy } from './parse-policy.ts';
import { parsePolicyDocument } from './policy-document.ts';

/**
 * Returns the text with `guests.VMID.key` set for every entry of `wishes`; an empty value removes the key, and a guest without keys goes.
 * The result is a valid policy, or this throws.
 * @example editPolicy('', { vmid: 100, wishes: [['class', 'dedicated']], file }) // 'guests:\n  100: { class: dedicated }\n'
 * @throws ParseError when the text is not a valid policy before or after.
 */
export function editPolicy(
  text: string,
  { vmid, wishes, file }: { vmid: VmId; wishes: ReadonlyArray<readonly [string, string]>; file: string },
): string {
  parsePolicy(text, file);
  try {
    return wishes.reduce((edited, [name, value]) => {
      const path = ['guests', `${vmid}`, name];
      const changed = value === '' ? removeValue(edited, path, file) : setValue(edited, { path, value, file });
      parsePolicy(changed, file);
      return changed;
    }, text);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const what = wishes.map(([name, value]) => `${name}=${value}`).join(' ');
    throw new ParseError(`cannot set ${what} for guest ${vmid}: ${error.message.replace(/^.*?: /, '')}`, { file });
  }
}

/** The maps along a path, from the whole policy on, each with its entry for the next step. */
function follow(text: string, path: readonly string[], file: string): { map: YAMLMap; entry: Pair | undefined }[] {
  const steps: { map: YAMLMap; entry: Pair | undefined }[] = [];
  let node: unknown = parsePolicyDocument(text, file).document.contents;
  for (const name of path) {
    if (!isMap(node)) break;
    // A key written as `100` is a number to YAML.
    const entry = node.items.find(({ key }) => isScalar(key) && String(key.value) === name);
    steps.push({ map: node, entry });
    node = entry?.value;
  }
  return steps;
}

function setValue(
  text: string,
  { path, value, file }: { path: readonly string[]; value: string; file: string },
): string {
  const steps = follow(text, path, file);
  const deepest = steps.at(-1);
  const [, guest = '', name = ''] = path;
  const word = encodeValue(name, value);
  const wish = `${encodeWord(name)}: ${word}`;
  if (deepest === undefined) return `${closed(text)}guests:\n  ${guest}: { ${wish} }\n`;
  const { map, entry } = deepest;
  if (steps.length === path.length) {
    return isNode(entry?.value) ? replaceNode(text, entry.value, word) : insertEntry(text, map, wish);
  }
  if (steps.length === 2) return insertEntry(text, map, `${guest}: { ${wish} }`);
  return insertEntry(text, map, map.flow ? `guests: { ${guest}: { ${wish} } }` : `guests:\n  ${guest}: { ${wish} }`);
}

/** The entry goes, and every map around it that has nothing else. */
function removeValue(text: string, path: readonly string[], file: string): string {
  const steps = follow(text, path, file);
  if (steps.length < path.length || steps.some(({ entry }) => entry === undefined)) return text;
  const keeper = steps.findLast(({ map }) => map.items.length > 1) ?? steps[0];
  return keeper?.entry ? removeEntry(text, keeper.map, keeper.entry) : text;
}

/** `near=hostpci0,hostpci1`: what is a list in the policy has commas here. */
const encodeValue = (name: string, value: string): string =>
  name === 'near' ? `[${value.split(',').map(encodeWord).join(', ')}]` : encodeWord(value);

/** All that a policy may hold is words and whole numbers; whatever else comes is quoted, and then refused for what it says. */
const encodeWord = (word: string): string => (/^(-?\d+|[a-z][a-z0-9]*)$/i.test(word) ? word : JSON.stringify(word));

/** Text that something can be put behind: its last line ended, and a blank line after comments. */
function closed(text: string): string {
  if (text.trim() === '') return '';
  return `${text.replace(/\n*$/, '\n')}\n`;
}
