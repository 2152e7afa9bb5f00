// Sectioned files without names: which lines stay, and that a name is the same one wherever it stands.
import { describe, expect, it } from 'vitest';
import { Pseudonyms } from './pseudonyms.ts';
import {
  HA_RESOURCE_SECTIONS,
  HA_RULE_SECTIONS,
  PCI_MAPPING_SECTIONS,
  REPLICATION_SECTIONS,
  redactSections,
  type SectionRedaction,
  STORAGE_SECTIONS,
} from './redact-sections.ts';

const redact = (text: string, redaction: SectionRedaction): string => redactSections(text, new Pseudonyms(), redaction);

describe('redactSections()', () => {
  it('keeps the lines where they are, and empties those that it does not know', () => {
    const text = '# ours\n#ours\n\nnfs: nas\n\tserver 10.0.0.1\n\tcontent  images,iso \ntwo words\n\ttoString 1\n';
    expect(redact(text, STORAGE_SECTIONS)).toBe('\n\n\nnfs: storage1\n\n\tcontent  images,iso\n\n\n');
  });

  it('gives a storage the same name in its header and in its path', () => {
    expect(redact('nfs: nas\n\tpath /mnt/pve/nas\nnfs: other', STORAGE_SECTIONS)).toBe(
      'nfs: storage1\n\tpath /mnt/pve/storage1\nnfs: storage2',
    );
  });

  it.each([
    ['dir: local', 'dir: local'],
    ['lvmthin: local-lvm', 'lvmthin: local-lvm'],
    ['zfspool: local-zfs', 'zfspool: local-zfs'],
    ['btrfs: local-btrfs ', 'btrfs: local-btrfs'],
    ['dir:local', 'dir:local'],
    ['dir: local-customer', 'dir: storage1'],
    ['dir: customer-local', 'dir: storage1'],
    ['\tpath /var/lib/vz', '\tpath /var/lib/vz'],
    ['\tpath /srv/customer', '\tpath /mnt/redacted'],
    ['\tpath /srv/mnt/pve/customer', '\tpath /mnt/redacted'],
    ['\tpath /mnt/pve/customer/below', '\tpath /mnt/redacted'],
    ['\tnodes alpha,beta', '\tnodes node,node2'],
    ['\tcontent images,snippets', '\tcontent images,snippets'],
    ['\tcontent images of customer', '\tcontent '],
    ['\tshared 1', '\tshared 1'],
    ['\tdisable', '\tdisable'],
    ['\tpassword secret', ''],
    ['  shared 1', '  shared 1'],
    ['mine shared 1', ''],
  ])('turns %j of a storage into %j', (line, expected) => {
    expect(redact(line, STORAGE_SECTIONS)).toBe(expected);
  });

  it.each([
    ['vm: 100', 'vm: 100'],
    ['vm: customer', 'vm: 0'],
    ['vm: 100x', 'vm: 0'],
    ['vm: x100', 'vm: 0'],
    ['\tstate started', '\tstate started'],
    ['\tfailback 1', '\tfailback 1'],
    ['\tmax_restart 2', '\tmax_restart 2'],
    ['\tmax_relocate 3', '\tmax_relocate 3'],
    ['\tauto-rebalance 0', '\tauto-rebalance 0'],
    ['\tgroup fast', '\tgroup rule1'],
    ['\tcomment mine', ''],
  ])('turns %j of a managed guest into %j', (line, expected) => {
    expect(redact(line, HA_RESOURCE_SECTIONS)).toBe(expected);
  });

  it.each([
    ['node-affinity: big', 'node-affinity: rule1'],
    ['\tnodes alpha:2,beta', '\tnodes node:2,node2'],
    ['\tnodes alpha beta', '\tnodes node node2'],
    ['\tnodes pve1,2nd', '\tnodes node,node2'],
    ['\tnodes alpha:10; beta:1 gamma', '\tnodes node:10; node2:1 node3'],
    ['\tresources vm:100,ct:201', '\tresources vm:100,ct:201'],
    ['\tstrict 1', '\tstrict 1'],
    ['\tdisable', '\tdisable'],
    ['\taffinity negative', '\taffinity negative'],
    ['\trestricted 1', '\trestricted 1'],
    ['\tnofailback 1', '\tnofailback 1'],
    ['\tcomment mine', ''],
  ])('turns %j of a rule into %j', (line, expected) => {
    expect(redact(line, HA_RULE_SECTIONS)).toBe(expected);
  });

  it.each([
    ['local: 101-0', 'local: 101-0'],
    ['local: 101-12', 'local: 101-12'],
    ['local: customer-0', 'local: 0'],
    ['\ttarget alpha', '\ttarget node'],
    ['\tdisable', '\tdisable'],
    ['\trate 10', ''],
  ])('turns %j of a replication job into %j', (line, expected) => {
    expect(redact(line, REPLICATION_SECTIONS)).toBe(expected);
  });

  it.each([
    ['gpu-of-customer', 'mapping1'],
    ['\tlive-migration-capable 1', '\tlive-migration-capable 1'],
    ['\tdescription mine', ''],
    [
      '\tmap id=10de:2204,iommugroup=12,node=alpha,path=0000:01:00.0;0000:01:00.1',
      '\tmap id=10de:2204,iommugroup=12,node=node,path=0000:01:00.0;0000:01:00.1',
    ],
    ['\tmap comment=mine,node=alpha,xnode=beta', '\tmap node=node'],
    ['\tmap id=a b,node=alpha', '\tmap node=node'],
  ])('turns %j of a mapping into %j', (line, expected) => {
    expect(redact(line, PCI_MAPPING_SECTIONS)).toBe(expected);
  });
});
