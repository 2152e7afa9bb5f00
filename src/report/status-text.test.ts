// The node in one screen.
import { describe, expect, it } from 'vitest';
import type { NodeStatus } from '#domain/node-status.ts';
import { makePaint, stripPaint } from './paint.ts';
import { isWell, renderStatus } from './status-text.ts';

const WELL: NodeStatus = {
  node: 'pve1',
  proxmox: { version: '8.4.1', support: 'supported' },
  kernel: '6.8.12-4-pve',
  cgroupVersion: 2,
  policy: { dedicated: 2, confined: 1 },
  placement: {
    isolation: 'none',
    guests: { inForce: 2, restartPending: 0, deviates: 0, stopped: 1, gone: 0 },
    deviations: 0,
  },
  agent: { pid: 1234 },
  findings: { 'breaks-start': 0, ineffective: 0, 'hurts-latency': 2, 'worth-knowing': 1 },
  last: { id: '0003', action: 'apply', state: 'done', startedAt: '2026-11-20T10:00:00.000Z' },
};
const placement = (guests: object, deviations = 0): Partial<NodeStatus> => ({
  placement: { isolation: 'none', guests: { ...NOBODY, ...guests }, deviations },
});
const NOTHING_FOUND = { 'breaks-start': 0, ineffective: 0, 'hurts-latency': 0, 'worth-knowing': 0 };
const NOBODY = { inForce: 0, restartPending: 0, deviates: 0, stopped: 0, gone: 0 };

describe('renderStatus()', () => {
  it('has a line for each matter', () => {
    expect(renderStatus(WELL, makePaint(false))).toBe(
      [
        'Node       pve1, Proxmox VE 8.4.1, kernel 6.8.12-4-pve',
        'Policy     2 dedicated and 1 confined guests are wanted on this node',
        'Placement  2 in force, 1 stopped; isolation: none',
        'Agent      runs (process 1234)',
        'Doctor     2 that cost latency, 1 worth knowing: `berth doctor` explains',
        'Last       apply 0003 of 2026-11-20T10:00:00.000Z, done',
        '',
      ].join('\n'),
    );
  });

  const told = it.each<[string, Partial<NodeStatus>, string]>([
    [
      'a version it was not built for',
      { proxmox: { version: '10.0', support: 'untried' }, untried: [{ what: 'proxmox', version: '10.0' }] },
      'look at every plan twice',
    ],
    [
      'a kernel it was not tried with',
      { kernel: '8.0.0', untried: [{ what: 'kernel', version: '8.0.0' }] },
      'kernel 8.0.0, a kernel that Berth was not tried with: look at every plan twice',
    ],
    ['a version that cannot be read', { proxmox: { version: null, support: 'untried' } }, 'of an unknown version'],
    ['a machine without Proxmox', { proxmox: { version: null, support: 'none' } }, 'no Proxmox VE here'],
    ['cgroup version 1', { cgroupVersion: 1 }, 'inspect, plan and diagnose only'],
    ['no policy', { policy: null }, '`berth init` writes a first one'],
    ['a policy that nobody applied', { placement: null }, '`berth plan`, then `berth apply`'],
    ['an empty policy', { placement: null, policy: { dedicated: 0, confined: 0 } }, 'Placement  none in force\n'],
    ['a restart', placement({ restartPending: 1 }), '1 waiting for a restart'],
    ['deviations', placement({ deviates: 1 }, 3), '1 not as placed; isolation: none; 3 deviations, see `berth verify`'],
    ['guests that have gone', placement({ gone: 2 }), '2 not here any more'],
    ['a placement of shared guests alone', placement({}), 'no guest; isolation'],
    ['an agent that does not run', { agent: { pid: null } }, '`systemctl enable --now berth` keeps them'],
    ['no agent and nothing to keep', { agent: { pid: null }, placement: null }, 'Agent      does not run\n'],
    ['a captured host', { agent: null }, 'not known of a captured host'],
    [
      'a capture',
      { agent: null, kernel: null, proxmox: { version: null, support: 'none' } },
      'Node       pve1, captured\n',
    ],
    [
      'what breaks a start',
      { findings: { ...NOTHING_FOUND, 'breaks-start': 1 } },
      '1 that keeps a guest from starting: `berth',
    ],
    ['no findings', { findings: NOTHING_FOUND }, 'nothing found'],
    ['an entry that was cut off', { last: { ...WELL.last, state: 'running' } as NodeStatus['last'] }, 'not finished'],
    [
      'an entry that was stopped',
      { last: { ...WELL.last, state: 'stopped' } as NodeStatus['last'] },
      'stopped half way',
    ],
    ['no entry', { last: null }, 'nothing was applied'],
    [
      'everything at once',
      {
        ...placement({ inForce: 11, restartPending: 3, deviates: 2, stopped: 4, gone: 1 }, 12),
        findings: { 'breaks-start': 2, ineffective: 3, 'hurts-latency': 4, 'worth-knowing': 5 },
      },
      '12 deviations, see `berth verify`',
    ],
  ]);

  told('tells of %s', (_, change, says) => {
    const unwrapped = renderStatus({ ...WELL, ...change }, makePaint(false)).replaceAll(/\n {11}/g, ' ');
    expect(unwrapped).toContain(says);
  });

  told('has room for %s in 80 columns, in colour as without', (_, change) => {
    const plain = renderStatus({ ...WELL, ...change }, makePaint(false));
    expect(plain.split('\n').filter(line => line.length > 80)).toEqual([]);
    expect(stripPaint(renderStatus({ ...WELL, ...change }, makePaint(true)))).toBe(plain);
  });
});

describe('isWell()', () => {
  it.each<[boolean, string, Partial<NodeStatus>]>([
    [true, 'all is in force', {}],
    [true, 'nothing is placed and no agent runs', { placement: null, agent: { pid: null } }],
    [true, 'it is a captured host', { agent: null }],
    [false, 'nobody keeps a placement', { agent: { pid: null } }],
    [false, 'something deviates', placement({ inForce: 1 }, 1)],
    [false, 'a restart is pending', placement({ restartPending: 1 })],
    [false, 'a guest cannot start', { findings: { ...NOTHING_FOUND, 'breaks-start': 1 } }],
    [false, 'an apply was cut off', { last: { ...WELL.last, state: 'running' } as NodeStatus['last'] }],
    [false, 'an apply stopped half way', { last: { ...WELL.last, state: 'stopped' } as NodeStatus['last'] }],
  ])('is %s when %s', (well, _, change) => {
    expect(isWell({ ...WELL, ...change })).toBe(well);
  });
});
