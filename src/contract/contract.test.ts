// Every JSON of ours: what is written is read back as the same value, and nothing else is accepted.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { finding } from '#domain/finding.ts';
import { cpuSet, nodeSet } from '#domain/id-set.ts';
import { numaNodeId, vmId } from '#domain/ids.ts';
import type { JournalEntry, StepRecord } from '#domain/journal.ts';
import type { Plan } from '#domain/plan.ts';
import type { VerifyReport } from '#domain/verify-report.ts';
import { makeInventory, makeVm } from '#fixtures/make-inventory.ts';
import { anyHost, buildHost, feasiblePlan, planFor } from '#fixtures/random-host.ts';
import { shapes } from '#fixtures/shapes.ts';
import { findingJson } from './finding.ts';
import { journalFileJson } from './journal.ts';
import { placementFileJson } from './placement.ts';
import { infeasibleJson, planFileJson } from './plan.ts';
import { encodeJson, parseJson } from './read-json.ts';
import { topologyFileJson } from './topology.ts';
import { verifyJson } from './verify.ts';

const FILE = 'x.json';
/** Texts of configs are bytes: any character up to 255, and line breaks. */
const bytes = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map(code => String.fromCharCode(code)) });
const anyCpus = fc.uniqueArray(fc.integer({ min: 0, max: 300 })).map(cpuSet);
const anyVmid = fc.integer({ min: 100, max: 999_999_999 }).map(vmId);
const orNull = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: null });
const anyEdits = fc.array(fc.record({ key: bytes, before: orNull(bytes), after: orNull(bytes) }), { maxLength: 3 });

const anyRecord: fc.Arbitrary<StepRecord> = fc.oneof(
  fc.record({
    ...{ kind: fc.constant('file' as const), vmid: orNull(anyVmid), path: bytes },
    ...{ before: orNull(bytes), after: orNull(bytes) },
    config: orNull(fc.record({ section: fc.constantFrom('main' as const, 'pending' as const), edits: anyEdits })),
  }),
  fc.record({ kind: fc.constant('qm' as const), vmid: anyVmid, path: bytes, text: bytes, edits: anyEdits }),
  fc.record({
    ...{ kind: fc.constant('threads' as const), vmid: anyVmid, pid: fc.nat(), startTime: fc.nat() },
    threads: fc.array(fc.record({ tid: fc.nat(), vcpu: orNull(fc.nat()), before: anyCpus, after: anyCpus })),
  }),
  fc.record({
    ...{ kind: fc.constant('cpuset' as const), vmid: anyVmid },
    files: fc.array(fc.record({ path: bytes, before: bytes, after: bytes })),
  }),
);
const anyEntry: fc.Arbitrary<JournalEntry> = fc.record({
  ...{ id: fc.constant('0007'), action: fc.constantFrom('apply' as const, 'undo' as const), undoes: orNull(bytes) },
  ...{ node: bytes, startedAt: bytes, finishedAt: orNull(bytes) },
  state: fc.constantFrom('running' as const, 'done' as const, 'stopped' as const),
  steps: fc.array(
    fc.record({
      record: anyRecord,
      state: fc.constantFrom('not-tried' as const, 'doing' as const, 'done' as const, 'failed' as const),
      error: orNull(bytes),
    }),
    { maxLength: 4 },
  ),
});

const PLAN: Plan = feasiblePlan(
  makeInventory(shapes.article, [makeVm(100, 2), makeVm(101, 2)]),
  { 100: { class: 'dedicated' } },
  1,
);
const planText = () => encodeJson(planFileJson, { schema: 'berth/plan/1', simulated: true, ...PLAN });

describe('JSON that is written is read back as the same value', () => {
  it('for plans, infeasible ones among them, and placements', () => {
    fc.assert(
      fc.property(anyHost, host => {
        const { inventory, wishes, coresPerNode } = buildHost(host);
        const made = planFor(inventory, wishes, coresPerNode);
        const head = { schema: 'berth/plan/1', simulated: true } as const;
        if (made.kind === 'infeasible') {
          const value = { ...head, ...made };
          expect(parseJson(infeasibleJson, encodeJson(infeasibleJson, value), FILE)).toEqual(value);
          return;
        }
        const value = { ...head, ...made };
        expect(parseJson(planFileJson, encodeJson(planFileJson, value), FILE)).toEqual(value);
        const file = { schema: 'berth/placement/1', appliedBy: '0001', ...made.placement } as const;
        expect(parseJson(placementFileJson, encodeJson(placementFileJson, file), FILE)).toEqual(file);
      }),
      { numRuns: 40 },
    );
  });

  it('for journal entries, whatever bytes the configs hold', () => {
    fc.assert(
      fc.property(anyEntry, entry => {
        const value = { schema: 'berth/journal/1', ...entry } as const;
        const text = encodeJson(journalFileJson, value);
        expect(text).toMatch(/^[\n -~]*$/);
        expect(parseJson(journalFileJson, text, FILE)).toEqual(value);
      }),
    );
  });

  it.each(Object.entries(shapes))('for the topology of %s', (_, shape) => {
    const value = { schema: 'berth/topology/1', node: 'pve', ...makeInventory(shape, []).topology } as const;
    expect(parseJson(topologyFileJson, encodeJson(topologyFileJson, value), FILE)).toEqual(value);
  });

  it('for verify reports and their findings', () => {
    const value: VerifyReport & { schema: 'berth/verify/1'; simulated: boolean } = {
      ...{ schema: 'berth/verify/1', simulated: false, node: 'pve', isolation: 'none' },
      guests: [
        {
          ...{ vmid: vmId(100), class: 'dedicated', state: 'deviates', threadsChecked: 3 },
          ...{ localMiB: 10, residentMiB: null },
        },
      ],
      findings: [
        finding('guest-unread', 'error', { vmid: vmId(100), reason: 'no \u00ff answer' }),
        finding('memory-elsewhere', 'warning', {
          ...{ vmid: vmId(100), elsewhereMiB: 600, residentMiB: 1600 },
          nodes: nodeSet([numaNodeId(1)]),
        }),
      ],
    };
    expect(parseJson(verifyJson, encodeJson(verifyJson, value), FILE)).toEqual(value);
  });
});

describe('parseJson()', () => {
  const altered = (from: string | RegExp, to: string) => {
    const text = planText();
    const changed = text.replace(from, to);
    if (changed === text) throw new Error(`the plan does not hold ${from}`);
    return changed;
  };

  it.each([
    [
      'an unknown key at the top',
      /^\{/,
      '{"force": true,',
      /^x\.json: the whole file: unknown force\. A later version of Berth may have written it: that one reads it$/,
    ],
    [
      'an unknown key deep inside',
      '"housekeeping":',
      '"note": 1, "housekeeping":',
      /^x\.json: placement: unknown note\. A later version/,
    ],
    ['another schema', 'berth/plan/1', 'berth/plan/2', /schema: expected "berth\/plan\/1"\. A later version/],
    ['an earlier schema', 'berth/plan/1', 'berth/plan/0', /schema: expected "berth\/plan\/1"$/],
    ['the schema of another file', 'berth/plan/1', 'berth/verify/2', /schema: expected "berth\/plan\/1"$/],
    [
      'a kind of change that there is not',
      '"kind": "config"',
      '"kind": "odd"',
      /changes\.0\.kind: unknown\. A later version/,
    ],
    [
      'a broken CPU list',
      /"housekeeping": "[^"]*"/,
      '"housekeeping": "3-1"',
      /placement\.housekeeping: .*range start 3/,
    ],
    [
      'a number for a CPU list',
      /"housekeeping": "[^"]*"/,
      '"housekeeping": 3',
      /placement\.housekeeping: expected string/,
    ],
    ['a VMID of 0', /"vmid": 100/, '"vmid": 0', /vmid/],
    ['a VMID that is a text', /"vmid": 100/, '"vmid": "100"', /vmid: expected/],
    ['half a VMID', /"vmid": 100/, '"vmid": 100.5', /vmid/],
    ['a missing key', /"node": "pve",\n/, '', /node/],
    ['text that is no JSON', /^\{/, '', /^x\.json: not valid JSON/],
    ['a class that there is not', '"class": "dedicated"', '"class": "pinned"', /class: expected "dedicated" or/],
  ])('refuses %s, naming file and path', (_, from, to, message) => {
    expect(() => parseJson(planFileJson, altered(from, to), FILE)).toThrow(message);
  });

  it('refuses a truncated file', () => {
    expect(() => parseJson(planFileJson, planText().slice(0, 200), FILE)).toThrow('x.json: not valid JSON');
  });

  it.each([
    ['a fact too few', { code: 'guest-unread', severity: 'error', vmid: 100 }],
    ['a fact too many', { code: 'guest-gone', severity: 'warning', vmid: 100, why: '' }],
    ['a code that there is not', { code: 'guest-odd', severity: 'error', vmid: 100 }],
    ['a severity that there is not', { code: 'guest-gone', severity: 'fatal', vmid: 100 }],
  ])('refuses a finding with %s', (_, json) => {
    expect(() => parseJson(findingJson, JSON.stringify(json), FILE)).toThrow('x.json');
  });
});

describe('encodeJson()', () => {
  it('writes sets as cpulists, maps as objects, and nothing but ASCII', () => {
    const text = planText();
    const placed = JSON.parse(text).placement.guests[0];
    expect(placed).toMatchObject({
      vmid: 100,
      vcpus: ['1', '17'],
      emulator: '0,16',
      affinity: '0-1,16-17',
      nodes: '0',
    });
    expect(placed.found).toMatchObject({ affinity: null, numa0: null });
    expect(text.endsWith('}\n')).toBe(true);
  });
});
