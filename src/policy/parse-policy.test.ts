// policy.yaml: what it means, and errors that point at the very character.
import { describe, expect, it } from 'vitest';
import { ParseError } from '#domain/errors.ts';
import { cpuSet } from '#domain/id-set.ts';
import { vmId } from '#domain/ids.ts';
import { NO_POLICY, parsePolicy } from './parse-policy.ts';

const FILE = 'policy.yaml';

function errorOf(text: string): string {
  try {
    parsePolicy(text, FILE);
  } catch (error) {
    if (error instanceof ParseError) return error.message;
    throw error;
  }
  return 'it was accepted';
}

describe('parsePolicy()', () => {
  it('reads every part', () => {
    const text = `host:
  housekeeping: { coresPerNode: 2, cpus: "0-3,16" }
  isolation: none
  interrupts: move
  layers: { workqueues: move, numaBalancing: off, haltPollingUs: 500 }
tags:
  latency: { class: dedicated, smt: pairs }
guests:
  100: { class: dedicated, smt: isolate, memory: bind, emulator: own, priority: 10 }
  "101": { class: confined, span: llc }
doctor:
  ignore:
    - { code: affinity-zero, guests: [101, 102], reason: one vCPU }
    - code: ksm-merges-across-nodes
      reason: memory is short
`;
    expect(parsePolicy(text, FILE)).toEqual({
      housekeeping: { coresPerNode: 2, cpus: cpuSet([0, 1, 2, 3, 16]) },
      isolation: 'none',
      interrupts: 'move',
      layers: { workqueues: 'move', numaBalancing: 'off', haltPollingUs: 500 },
      onArrival: 'leave',
      tags: new Map([['latency', { class: 'dedicated', smt: 'pairs' }]]),
      guests: new Map([
        [vmId(100), { class: 'dedicated', smt: 'isolate', memory: 'bind', emulator: 'own', priority: 10 }],
        [vmId(101), { class: 'confined', span: 'llc' }],
      ]),
      ignore: [
        { code: 'affinity-zero', guests: [101, 102], reason: 'one vCPU' },
        { code: 'ksm-merges-across-nodes', guests: null, reason: 'memory is short' },
      ],
    });
  });

  it.each([
    ['an empty file', ''],
    ['comments alone', '# nothing yet\n'],
    ['an empty map', '{}\n'],
    ['a document marker', '---\n'],
  ])('takes %s for a policy without wishes', (_, text) => {
    expect(parsePolicy(text, FILE)).toEqual(NO_POLICY);
  });

  it('takes a single CPU, which YAML reads as a number, for a CPU list', () => {
    expect(parsePolicy('host: { housekeeping: { cpus: 4 } }\n', FILE).housekeeping.cpus).toEqual(cpuSet([4]));
  });

  it.each([
    [
      'a typo in a key of a guest',
      'guests:\n  100: { clas: dedicated }\n',
      '2:10: guests.100: unknown key "clas"; did you mean "class"?',
    ],
    ['a typo in a top key', 'guest:\n  100: {}\n', '1:1: the policy: unknown key "guest"; did you mean "guests"?'],
    [
      'a key like no other',
      'guests:\n  100: { zzzzzz: 1 }\n',
      '2:10: guests.100: unknown key "zzzzzz"; known here: class, smt, memory, span, emulator, hugepages, ksm, near, cache, config, strict, whileCopied, priority',
    ],
    [
      'a typo in a value',
      'guests:\n  100:\n    class: dedicatd\n',
      '3:12: guests.100.class: "dedicatd" is not possible; did you mean "dedicated"?',
    ],
    [
      'a value like no other',
      'guests:\n  100: { smt: yes please }\n',
      '2:15: guests.100.smt: "yes please" is not possible; expected auto, pairs, isolate, any',
    ],
    [
      'a text for a number',
      'guests:\n  100: { priority: high }\n',
      '2:20: guests.100.priority: expected a whole number',
    ],
    [
      'a number that is too large',
      'guests:\n  100: { priority: 5000 }\n',
      '2:20: guests.100.priority: must be at most 1000',
    ],
    [
      'a number that is too small',
      'host: { housekeeping: { coresPerNode: -1 } }\n',
      '1:39: host.housekeeping.coresPerNode: must be at least 0',
    ],
    [
      'half a core',
      'host: { housekeeping: { coresPerNode: 1.5 } }\n',
      '1:39: host.housekeeping.coresPerNode: expected a whole number',
    ],
    [
      'a real-time priority for a guest',
      'guests:\n  100: { class: dedicated, realtime: true }\n',
      '2:28: guests.100: no vCPU gets a real-time priority: one that never sleeps would starve the kernel threads of its CPU',
    ],
    ['a scheduler for the host', 'host: { layers: { chrt: 99 } }\n', '1:19: host.layers: no vCPU gets a real-time'],
    [
      'a host layer that there is none of',
      'host: { layers: { watchdogs: move } }\n',
      '1:19: host.layers: unknown key "watchdogs"; did you mean "watchdog"?',
    ],
    [
      'a host layer that is simply on',
      'host: { layers: { frequency: true } }\n',
      '1:30: host.layers.frequency: "true" is not possible; expected performance',
    ],
    [
      'polling for more than a hundredth of a second',
      'host: { layers: { haltPollingUs: 20000 } }\n',
      '1:34: host.layers.haltPollingUs: must be at most 10000',
    ],
    [
      'threads for the guest to see',
      'guests:\n  100: { class: dedicated, exposeThreads: true }\n',
      '2:28: guests.100: there is no "exposeThreads": guests see threads only by `args: -smp …`, which is the operator\'s own line; leave it out',
    ],
    [
      'pages of a size that there is not',
      'guests:\n  100: { hugepages: 2G }\n',
      '2:21: guests.100.hugepages: "2G" is not possible; did you mean "1G"?',
    ],
    ['a text for a list', 'guests:\n  100: { near: hostpci0 }\n', '2:16: guests.100.near: expected a list'],
    [
      'a device by its address',
      'guests:\n  100: { near: ["01:00"] }\n',
      '2:17: guests.100.near.0: passthrough devices are named by their keys, such as hostpci0',
    ],
    [
      'a cache like no other',
      'guests:\n  100: { cache: huge }\n',
      '2:17: guests.100.cache: "huge" is not possible; expected auto, large, any',
    ],
    ['a text for a guest', 'guests:\n  100: dedicated\n', '2:8: guests.100: expected a map'],
    ['nothing for a guest', 'guests:\n  100:\n', '2:7: guests.100: expected a map'],
    ['a list of guests', 'guests:\n  - 100\n', '2:3: guests: expected a map'],
    ['a name for a VMID', 'guests:\n  web: { class: dedicated }\n', '2:3: guests.web: guests are named by their VMID'],
    [
      'a VMID with a sign',
      'guests:\n  -100: { class: dedicated }\n',
      '2:3: guests.-100: guests are named by their VMID',
    ],
    ['a tag that Proxmox would not take', 'tags:\n  "a b": { class: dedicated }\n', '2:3: tags.a b: not a Proxmox tag'],
    [
      'a guest twice',
      'guests:\n  100: { class: shared }\n  100: { class: dedicated }\n',
      '3:3: Map keys must be unique',
    ],
    [
      'a guest twice, once as a text',
      'guests:\n  100: { class: shared }\n  "100": { class: dedicated }\n',
      '3:3: "100" is there twice',
    ],
    ['a key twice', 'guests:\n  100: { class: shared, class: dedicated }\n', '2:25: Map keys must be unique'],
    ['a tab', 'guests:\n\t100: { class: dedicated }\n', '2:1: '],
    [
      'an alias',
      'guests:\n  100: &a { class: dedicated }\n  101: *a\n',
      '3:8: aliases are not read here; write it out',
    ],
    ['a merge key', 'guests:\n  100: { <<: { class: dedicated } }\n', '2:10: guests.100: unknown key "<<"'],
    ['an unclosed map', 'guests:\n  100: { class: dedicated\n', '3:1: '],
    ['a list for the whole policy', '- 100\n', '1:1: a policy is a map with the keys host, tags, guests and doctor'],
    [
      'an ignored finding without a reason',
      'doctor:\n  ignore:\n    - { code: affinity-zero }\n',
      '3:7: doctor.ignore.0.reason: is missing; say why this finding is ignored',
    ],
    [
      'a second ignored finding without a reason',
      'doctor:\n  ignore:\n    - { code: affinity-zero, reason: why not }\n    - code: affinity-zero\n      guests: [100]\n',
      '4:7: doctor.ignore.1.reason: is missing',
    ],
    [
      'an empty reason',
      'doctor: { ignore: [{ code: affinity-zero, reason: " " }] }\n',
      '1:51: doctor.ignore.0.reason: say why',
    ],
    [
      'a code that there is not',
      'doctor:\n  ignore:\n    - { code: afinity-zero, reason: x }\n',
      '3:15: doctor.ignore.0.code: "afinity-zero" is not possible; did you mean "affinity-zero"?',
    ],
    [
      'a typo in an ignored finding',
      'doctor: { ignore: [{ code: affinity-zero, reason: x, guest: [100] }] }\n',
      '1:54: doctor.ignore.0: unknown key "guest"; did you mean "guests"?',
    ],
    ['a text to ignore', 'doctor: { ignore: affinity-zero }\n', '1:19: doctor.ignore: expected a list'],
    [
      'a typo in what doctor is told',
      'doctor: { ignor: [] }\n',
      '1:11: doctor: unknown key "ignor"; did you mean "ignore"?',
    ],
    [
      'a name for an ignored guest',
      'doctor: { ignore: [{ code: affinity-zero, reason: x, guests: [web] }] }\n',
      '1:63: doctor.ignore.0.guests.0: expected a whole number',
    ],
    ['a text for the whole policy', 'dedicated\n', '1:1: a policy is a map'],
    ['two documents', 'guests: {}\n---\nguests: {}\n', '2:1: '],
    [
      'a reversed CPU list',
      'host:\n  housekeeping:\n    cpus: 3-1\n',
      '3:11: host.housekeeping.cpus: Cannot parse CPU list "3-1": range start 3 is after end 1',
    ],
    [
      'a list of CPUs in YAML',
      'host: { housekeeping: { cpus: [0, 1] } }\n',
      '1:31: host.housekeeping.cpus: expected a text',
    ],
    [
      'a fraction of a CPU',
      'host: { housekeeping: { cpus: 1.5 } }\n',
      '1:31: host.housekeeping.cpus: Cannot parse CPU list "1.5"',
    ],
    [
      'an isolation that there is not',
      'host: { isolation: full }\n',
      '1:20: host.isolation: "full" is not possible; expected none',
    ],
  ])('refuses %s', (_, text, message) => {
    expect(errorOf(text)).toContain(`${FILE}:${message}`);
  });
});
