// VMs that high availability may bring up on another node.
import { describe, expect, it } from 'vitest';
import { parseHaTravelling } from './parse-ha-travelling.ts';

const travelling = (
  resources: string | null,
  { rules = null, groups = null }: { rules?: string | null; groups?: string | null } = {},
) => [...parseHaTravelling({ resources, rules, groups }, 'pve1')];

const rule = (strict: 0 | 1, nodes: string) =>
  `node-affinity: fast\n\tresources vm:100\n\tnodes ${nodes}\n\tstrict ${strict}\n`;

describe('parseHaTravelling()', () => {
  it('takes every VM resource, whatever state is asked of it, and no container', () => {
    const resources = 'vm: 100\n\tstate started\n\nct: 101\n\tstate started\n\nvm: 102\n\tstate stopped\n\nvm: 103\n';
    expect(travelling(resources)).toEqual([100, 102, 103]);
  });

  it.each([null, '', '# none\n', 'vm: x100\n', 'vm: 99\n', 'service: 100\n'])('is empty for %j', resources => {
    expect(travelling(resources)).toEqual([]);
  });

  it('leaves out a resource that the manager ignores', () => {
    expect(travelling('vm: 100\n\tstate ignored\n')).toEqual([]);
  });

  it.each<[string, string, boolean]>([
    ['a strict rule for this node alone', rule(1, 'pve1'), false],
    ['a strict rule for this node with a priority', rule(1, 'pve1:2'), false],
    ['a strict rule for two nodes', rule(1, 'pve1,pve2'), true],
    ['a strict rule for another node', rule(1, 'pve2'), true],
    ['a rule that only prefers this node', rule(0, 'pve1'), true],
    ['a strict rule that is switched off', `${rule(1, 'pve1')}\tdisable\n`, true],
  ])('%s', (_case, rules, travels) => {
    expect(travelling('vm: 100\n', { rules })).toEqual(travels ? [100] : []);
  });

  it('knows the groups of Proxmox VE 8', () => {
    const resources = 'vm: 100\n\tgroup here\n';
    expect(travelling(resources, { groups: 'group: here\n\tnodes pve1\n\trestricted 1\n' })).toEqual([]);
    expect(travelling(resources, { groups: 'group: here\n\tnodes pve1\n' })).toEqual([100]);
  });
});
