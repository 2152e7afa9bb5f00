// Which wishes hold: entry over tag over default, and tags only when they are registered.
import { describe, expect, it } from 'vitest';
import { vmId } from '#domain/ids.ts';
import { makeContainer, makeVm } from '#fixtures/make-inventory.ts';
import { makeWishes } from './make-wishes.ts';
import { GUEST_DEFAULTS, parsePolicy } from './parse-policy.ts';

const policy = parsePolicy(
  `tags:
  latency: { class: dedicated, smt: pairs }
  quiet: { class: confined, priority: 3 }
guests:
  100: { smt: isolate }
`,
  'policy.yaml',
);

function wishesOf(vmid: number, tags: string[], registered: string[]) {
  return makeWishes(policy, [makeVm(vmid, 1, { tags })], new Set(registered)).get(vmId(vmid));
}

describe('makeWishes()', () => {
  it('leaves a guest that nothing names with the defaults', () => {
    expect(wishesOf(101, ['web'], ['web', 'latency'])).toEqual({ ...GUEST_DEFAULTS, named: false });
  });

  it('honours a registered tag', () => {
    const wanted = { ...GUEST_DEFAULTS, class: 'dedicated', smt: 'pairs', named: true };
    expect(wishesOf(101, ['latency'], ['latency'])).toEqual(wanted);
  });

  it('ignores a tag that anybody could have set', () => {
    expect(wishesOf(101, ['latency'], [])).toEqual({ ...GUEST_DEFAULTS, named: false });
  });

  it('lets the later of two tags in the policy win, key by key', () => {
    const wanted = { ...GUEST_DEFAULTS, class: 'confined', smt: 'pairs', priority: 3, named: true };
    expect(wishesOf(101, ['quiet', 'latency'], ['latency', 'quiet'])).toEqual(wanted);
  });

  it('lets an entry of the guest itself override a tag, key by key', () => {
    const wanted = { ...GUEST_DEFAULTS, class: 'dedicated', smt: 'isolate', named: true };
    expect(wishesOf(100, ['latency'], ['latency'])).toEqual(wanted);
  });

  it('places a VM that may come up elsewhere at run time only, unless its entry says otherwise', () => {
    const guests = [makeVm(100, 1), makeVm(101, 1), makeVm(102, 1), makeContainer(103, 1)];
    const text = 'guests:\n  101: { config: write }\n';
    const travelling = new Set([100, 101, 103].map(vmId));
    const wishes = makeWishes(parsePolicy(text, 'policy.yaml'), guests, new Set(), travelling);
    expect([...wishes].map(([vmid, { config }]) => [vmid, config])).toEqual([
      [100, 'runtime'],
      [101, 'write'],
      [102, undefined],
      [103, undefined],
    ]);
  });
});
