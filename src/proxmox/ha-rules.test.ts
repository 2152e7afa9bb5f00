// Which guests the high-availability manager has, and where its rules want them.
import { expect, it } from 'vitest';
import { findHaResource } from './ha-rules.ts';

const none = { resources: null, rules: null, groups: null };
const resources = 'vm: 100\n\tstate started\n\tgroup old\n\nct: 200\n\tstate started\n';
const rule = (more = '') => `node-affinity: big\n\tresources vm:100,ct:201\n\tnodes pve1:2,pve2\n${more}`;

it('findHaResource() is null for a guest that is not managed', () => {
  expect(findHaResource('vm:100', none)).toBeNull();
  expect(findHaResource('ct:100', { ...none, resources })).toBeNull();
  expect(findHaResource('vm:1', { ...none, resources })).toBeNull();
});

it.each([
  ['no rule', none, null],
  ['a rule', { ...none, rules: rule() }, { name: 'big', nodes: ['pve1', 'pve2'], strict: false }],
  ['a strict rule', { ...none, rules: rule('\tstrict 1\n') }, { name: 'big', nodes: ['pve1', 'pve2'], strict: true }],
  ['a disabled rule', { ...none, rules: rule('\tdisable\n') }, null],
  ['a rule about other guests', { ...none, rules: rule().replace('vm:100', 'vm:1000') }, null],
  ['a rule about guests, not nodes', { ...none, rules: rule().replace('node-', 'resource-') }, null],
  [
    'a group',
    { ...none, groups: 'group: old\n\tnodes pve3\n\trestricted 1\n' },
    { name: 'old', nodes: ['pve3'], strict: true },
  ],
  [
    'a rule before a group',
    { ...none, rules: rule(), groups: 'group: old\n\tnodes pve3\n' },
    { name: 'big', nodes: ['pve1', 'pve2'], strict: false },
  ],
  [
    'a rule whose list has other separators',
    { ...none, rules: rule().replace('vm:100,', 'ct:1; vm:100 ') },
    { name: 'big', nodes: ['pve1', 'pve2'], strict: false },
  ],
  ['a rule without guests', { ...none, rules: 'node-affinity: big\n\tnodes pve1\n' }, null],
  [
    'a rule without nodes',
    { ...none, rules: 'node-affinity: big\n\tresources vm:100\n' },
    { name: 'big', nodes: [], strict: false },
  ],
  [
    'a word of groups in a rule',
    { ...none, rules: rule('\trestricted 1\n') },
    { name: 'big', nodes: ['pve1', 'pve2'], strict: false },
  ],
  [
    'a word of rules in a group',
    { ...none, groups: 'group: old\n\tnodes pve3\n\tstrict 1\n' },
    { name: 'old', nodes: ['pve3'], strict: false },
  ],
  ['a group of others', { ...none, groups: 'group: new\n\tnodes pve3\n' }, null],
])('findHaResource() with %s', (_, texts, expected) => {
  expect(findHaResource('vm:100', { ...texts, resources })).toEqual({ resource: 'vm:100', rule: expected });
});
