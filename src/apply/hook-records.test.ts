// The steps that change a guest's hookscript, in the order in which nothing is lost.
import { describe, expect, it } from 'vitest';
import type { VmGuest } from '#domain/guest.ts';
import { makeVm } from '#fixtures/make-inventory.ts';
import { parseStorages } from '#proxmox/storages.ts';
import { type HookInput, hookRecords, makeHookChange } from './hook-records.ts';

const OURS = 'local:snippets/berth-hook.sh';
const OWN = 'local:snippets/mine.sh';
const CHAIN = `volume: ${OWN}\npath: /var/lib/vz/snippets/mine.sh\n`;

const vmWith = (hookscript: string | null, more: Partial<VmGuest> = {}): VmGuest =>
  makeVm(100, 1, { raw: new Map(hookscript === null ? [] : [['hookscript', hookscript]]), ...more });

/** Each step as what it sets. */
function steps(action: HookInput['action'], guest: VmGuest, chain: string | null = null, qm: string | null = null) {
  const input: HookInput = { action, volume: OURS, storages: parseStorages(null), qm };
  const change = makeHookChange(guest, chain, input);
  if (change === null) return null;
  return hookRecords(change, input).map(record => {
    if (record.kind === 'qm') return ['qm', record.edits[0]?.after];
    if (record.kind !== 'file') return record.kind;
    return record.config === null ? ['chain', record.after] : ['config', record.config.edits[0]?.after];
  });
}

describe('hookRecords()', () => {
  it.each<[string, HookInput['action'], string | null, string | null, unknown]>([
    ['a guest without a hookscript', 'install', null, null, [['config', OURS]]],
    [
      'a guest with its own',
      'install',
      OWN,
      null,
      [
        ['chain', CHAIN],
        ['config', OURS],
      ],
    ],
    [
      'a chain that is left from another guest',
      'install',
      null,
      CHAIN,
      [
        ['chain', null],
        ['config', OURS],
      ],
    ],
    ['a chain that is right already', 'install', OWN, CHAIN, [['config', OURS]]],
    ['a guest that has it', 'install', OURS, CHAIN, null],
    ['taking it from a guest that had none', 'remove', OURS, null, [['config', null]]],
    [
      'giving a guest its own back',
      'remove',
      OURS,
      CHAIN,
      [
        ['config', OWN],
        ['chain', null],
      ],
    ],
    ['a guest with another one', 'remove', OWN, null, null],
    ['a guest with none', 'remove', null, null, null],
  ])('%s', (_case, action, hookscript, chain, expected) => {
    expect(steps(action, vmWith(hookscript), chain)).toEqual(expected);
  });

  it.each([
    ['ours from whatever storage holds it', 'nfs:snippets/berth-hook.sh', [['config', null]]],
    ['no other, though its name begins alike', 'nfs:snippets/berth-hook.sh.mine', null],
  ])('takes away %s when no storage was named', (_case, hookscript, expected) => {
    const input: HookInput = { action: 'remove', volume: null, storages: [], qm: null };
    const change = makeHookChange(vmWith(hookscript), null, input);
    const records = change && hookRecords(change, input);
    const edits = records?.map(record => record.kind === 'file' && ['config', record.config?.edits[0]?.after]);
    expect(edits ?? null).toEqual(expected);
  });

  it('goes through qm on a real node', () => {
    expect(steps('install', vmWith(null), null, '/usr/sbin/qm')).toEqual([['qm', OURS]]);
  });

  it('counts what is pending for the hookscript that the guest has', () => {
    const guest = vmWith(null, { pending: new Map([['hookscript', OURS]]) });
    expect(steps('install', guest)).toBeNull();
  });

  it.each(['gone:snippets/mine.sh', '/opt/mine.sh', 'local:iso/mine.sh'])('refuses to hide %s', own => {
    expect(() => steps('install', vmWith(own))).toThrow(/it could not be called any more. Nothing was changed/);
  });
});
