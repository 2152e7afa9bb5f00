// Editing policy.yaml: one guest's wishes change, and not a byte besides.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vmId } from '#domain/ids.ts';
import { editPolicy } from './edit-policy.ts';
import { parsePolicy } from './parse-policy.ts';

const FILE = 'policy.yaml';
const edit = (text: string, vmid: number, ...wishes: [string, string][]) =>
  editPolicy(text, { vmid: vmId(vmid), wishes, file: FILE });

const POLICY = `# The database comes first.
host:
    housekeeping: { coresPerNode: 2 } # corosync needs them

guests:
    # nightly dump at two
    104: { class: dedicated,   smt: isolate } # do not touch

    "101":
        class: confined
        span: llc # the large cache
`;

describe('editPolicy()', () => {
  it.each<[string, string, [number, ...[string, string][]], string]>([
    ['makes a policy where there is none', '', [100, ['class', 'dedicated']], 'guests:\n  100: { class: dedicated }\n'],
    [
      'keeps comments where there is nothing else',
      '# ours\n',
      [100, ['class', 'dedicated']],
      '# ours\n\nguests:\n  100: { class: dedicated }\n',
    ],
    [
      'takes numbers for numbers',
      '',
      [100, ['class', 'dedicated'], ['priority', '-5']],
      'guests:\n  100: { class: dedicated, priority: -5 }\n',
    ],
    [
      'replaces a value',
      'guests:\n  100: { class: shared }\n',
      [100, ['class', 'dedicated']],
      'guests:\n  100: { class: dedicated }\n',
    ],
    [
      'removes a value',
      'guests:\n  100: { class: dedicated, smt: any }\n',
      [100, ['smt', '']],
      'guests:\n  100: { class: dedicated }\n',
    ],
    [
      'removes a guest without values',
      'guests:\n  100: { class: dedicated }\n  101: { class: confined }\n',
      [100, ['class', '']],
      'guests:\n  101: { class: confined }\n',
    ],
    [
      'finds a VMID that is written as a text',
      'guests:\n  "100": { class: shared }\n',
      [100, ['class', 'dedicated']],
      'guests:\n  "100": { class: dedicated }\n',
    ],
    [
      'adds a guest behind the others',
      'guests:\n  100: { class: shared }\n',
      [99, ['class', 'shared']],
      'guests:\n  100: { class: shared }\n  99: { class: shared }\n',
    ],
    [
      'fills a guest map that is empty',
      'guests: {}\n',
      [100, ['class', 'shared']],
      'guests: { 100: { class: shared } }\n',
    ],
    [
      'takes the last guest out with all that held it',
      '# ours\nguests:\n  100: { class: shared }\n',
      [100, ['class', '']],
      '# ours\n',
    ],
    [
      'edits a policy in flow style',
      '{ guests: { 100: { class: shared }, 101: { smt: any } } }\n',
      [100, ['class', '']],
      '{ guests: { 101: { smt: any } } }\n',
    ],
    [
      'ends the last line first',
      'guests:\n  100:\n    class: shared',
      [101, ['class', 'shared']],
      'guests:\n  100:\n    class: shared\n  101: { class: shared }\n',
    ],
    [
      'adds guests behind another key',
      'host: { isolation: none }\n',
      [100, ['class', 'shared']],
      'host: { isolation: none }\nguests:\n  100: { class: shared }\n',
    ],
    [
      'writes a list of devices, and replaces it',
      'guests:\n  100: { near: [hostpci3] }\n',
      [100, ['near', 'hostpci0,hostpci1']],
      'guests:\n  100: { near: [hostpci0, hostpci1] }\n',
    ],
    [
      'does nothing for a value that is there',
      'guests:\n  100: { class: shared }\n',
      [100, ['class', 'shared']],
      'guests:\n  100: { class: shared }\n',
    ],
    [
      'does nothing for the removal of what is not there',
      'guests:\n  100: { class: shared }\n',
      [101, ['class', '']],
      'guests:\n  100: { class: shared }\n',
    ],
  ])('%s', (_, text, [vmid, ...wishes], expected) => {
    expect(edit(text, vmid, ...wishes)).toBe(expected);
  });

  it('keeps comments, order, indentation and spacing elsewhere, byte for byte', () => {
    expect(edit(POLICY, 101, ['span', 'node'])).toBe(POLICY.replace('span: llc', 'span: node'));
    expect(edit(POLICY, 101, ['smt', 'any'])).toBe(`${POLICY}        smt: any\n`);
    expect(edit(POLICY, 200, ['class', 'shared'])).toBe(`${POLICY}    200: { class: shared }\n`);
  });

  it.each<[string, [string, string], RegExp]>([
    ['an unknown key', ['clas', 'dedicated'], /cannot set clas=dedicated for guest 100: .*did you mean "class"/],
    ['an impossible value', ['class', 'pinned'], /cannot set class=pinned for guest 100: .*"pinned" is not possible/],
    ['a number where a word belongs', ['smt', '2'], /cannot set smt=2 for guest 100/],
    ['text that would be more than a value', ['class', 'dedicated, priority: 9'], /cannot set/],
    ['a device by its address', ['near', '01:00'], /named by their keys/],
    ['text over two lines', ['class', 'shared\n101: {}'], /cannot set/],
  ])('refuses %s', (_, wish, message) => {
    expect(() => edit('guests:\n  100: { class: shared }\n', 100, wish)).toThrow(message);
  });

  it('leaves the ignore list of doctor as it is', () => {
    const ignore = "doctor:\n  ignore: # after the audit\n    - { code: affinity-zero,  reason: 'known' }\n";
    expect(edit(`${ignore}guests:\n  100: { class: shared }\n`, 100, ['class', 'confined'])).toBe(
      `${ignore}guests:\n  100: { class: confined }\n`,
    );
    const added = edit(ignore, 100, ['class', 'shared']);
    expect(added.startsWith(ignore)).toBe(true);
    expect(parsePolicy(added, FILE)).toMatchObject({ ignore: [{ reason: 'known' }] });
  });

  it('refuses to edit a policy that is not valid', () => {
    expect(() => edit('guests:\n  100: { clas: dedicated }\n', 101, ['class', 'shared'])).toThrow('policy.yaml:2:10');
  });

  it('always leaves a policy that says just that, whatever is set in which order', () => {
    const wish = fc.oneof(
      fc.tuple(fc.constant('class'), fc.constantFrom('dedicated', 'confined', 'shared', '')),
      fc.tuple(fc.constant('smt'), fc.constantFrom('auto', 'any', '')),
      fc.tuple(fc.constant('priority'), fc.constantFrom('0', '-7', '12', '')),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 100, max: 103 }), wish), { maxLength: 12 }), edits => {
        const wanted = new Map<number, Map<string, string>>();
        let text = POLICY;
        for (const [vmid, [key, value]] of edits) {
          text = edit(text, vmid, [key, value]);
          const wishes = wanted.get(vmid) ?? new Map();
          wanted.set(vmid, wishes.set(key, value));
        }
        const { guests } = parsePolicy(text, FILE);
        for (const [vmid, wishes] of wanted) {
          for (const [key, value] of wishes) {
            const found = guests.get(vmId(vmid))?.[key as 'class'];
            expect(`${found ?? ''}`).toBe(value);
          }
        }
        expect(text).toContain('# nightly dump at two\n    104: { class: dedicated,   smt: isolate } # do not touch\n');
      }),
      { numRuns: 60 },
    );
  });
});
