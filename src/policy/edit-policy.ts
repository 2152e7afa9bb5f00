// Changes one guest's wishes in policy.yaml; comments, order and everything else stay.
import { isMap, isScalar } from 'yaml';
import { ParseError } from '#domain/errors.ts';
import type { VmId } from '#domain/ids.ts';
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
  const { document } = parsePolicyDocument(text, file);
  if (!isMap(document.contents)) document.contents = document.createNode({}) as never;
  const guests = document.get('guests');
  if (!isMap(guests)) document.set('guests', document.createNode({}));
  // A key written as `100` is a number to YAML; find it whichever way it was written.
  const written = isMap(guests)
    ? guests.items.map(item => item.key).find(key => isScalar(key) && String(key.value) === String(vmid))
    : undefined;
  const key = isScalar(written) ? written.value : Number(vmid);
  if (!isMap(document.getIn(['guests', key]))) {
    document.setIn(['guests', key], document.createNode({}, { flow: true }));
  }
  for (const [name, value] of wishes) {
    const path = ['guests', key, name];
    if (value === '') document.deleteIn(path);
    else document.setIn(path, /^-?\d+$/.test(value) ? Number(value) : value);
  }
  const left = document.getIn(['guests', key]);
  if (isMap(left) && left.items.length === 0) document.deleteIn(['guests', key]);
  const edited = document.toString({ lineWidth: 0 });
  try {
    parsePolicy(edited, file);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    const what = wishes.map(([name, value]) => `${name}=${value}`).join(' ');
    throw new ParseError(`cannot set ${what} for guest ${vmid}: ${error.message.replace(/^.*?: /, '')}`, { file });
  }
  return edited;
}
