// The first policy: what it says to the program, and that no guest's name can say more.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vmId } from '#domain/ids.ts';
import { makeContainer, makeVm } from '#fixtures/make-inventory.ts';
import { makeFirstPolicy } from './make-first-policy.ts';
import { NO_POLICY, parsePolicy } from './parse-policy.ts';

const guests = [
  { ...makeVm(101, 4), name: 'game-server' },
  { ...makeVm(104, 8), name: 'database' },
  { ...makeContainer(200, 2, {}), name: 'proxy' },
];
const make = (dedicated: readonly number[], confined: readonly number[]) =>
  makeFirstPolicy({ guests, dedicated: dedicated.map(vmId), confined: confined.map(vmId), keptByDefault: '0,8' });

describe('makeFirstPolicy()', () => {
  it('names the guests by VMID, with what they are beside it', () => {
    expect(make([104, 101], [200])).toMatch(
      /^guests:\n {2}101: \{ class: dedicated \} {2}# game-server, 4 vCPUs\n {2}104: \{ class: dedicated \} {2}# database, 8 vCPUs\n {2}200: \{ class: confined \} {3}# proxy, 2 CPUs\n$/m,
    );
  });

  it('is a policy that says just that', () => {
    const policy = parsePolicy(make([101], [200]), 'policy.yaml');
    expect(policy).toEqual({
      ...NO_POLICY,
      guests: new Map([
        [101, { class: 'dedicated' }],
        [200, { class: 'confined' }],
      ]),
    });
  });

  it('is a policy without wishes for nobody', () => {
    expect(parsePolicy(make([], []), 'policy.yaml')).toEqual(NO_POLICY);
  });

  it('is a policy also with every comment taken as a line', () => {
    const lines = make([101], []).split('\n');
    const open = lines.map(line => line.replace(/^# ?(host:|onArrival:| {2}housekeeping:| {2}isolation:)/, '$1'));
    expect(parsePolicy(open.join('\n'), 'policy.yaml')).toMatchObject({ isolation: 'partition', onArrival: 'place' });
  });

  it('says the same whatever a guest is called', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), name => {
        const text = makeFirstPolicy({
          guests: [{ ...makeVm(101, 4), name }],
          dedicated: [vmId(101)],
          confined: [],
          keptByDefault: '0',
        });
        expect(parsePolicy(text, 'policy.yaml').guests).toEqual(new Map([[101, { class: 'dedicated' }]]));
        expect(text).toMatch(/^[\x20-\x7e\n]*$/);
      }),
    );
  });
});
