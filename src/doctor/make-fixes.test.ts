// Which fixes become changes, in which section, and which are left with a reason.
import { describe, expect, it } from 'vitest';
import { type DoctorTreeParts, examineTree, makeDoctorTree } from '#fixtures/doctor/doctor-tree.ts';
import { driftCases } from '#fixtures/doctor/drift-cases.ts';
import { makeFixes } from './make-fixes.ts';

async function fixesOf(parts: DoctorTreeParts, through: 'qm' | 'file' = 'file') {
  const { view, findings } = await examineTree(makeDoctorTree(parts));
  return makeFixes(findings, view, through);
}

describe('makeFixes()', () => {
  it('changes each guest once for the keys that Proxmox knows, and before that once for those that it does not', async () => {
    const { changes, left } = await fixesOf({ vms: { 101: 'affinity0: 3\naffinity: 0\n', 102: 'affinity: 4,\n' } });
    expect(left).toEqual([]);
    expect(changes).toMatchObject([
      { vmid: 101, section: 'main', edits: [{ key: 'affinity0', before: '3', after: null }], rewrites: [] },
      { vmid: 101, section: 'main', edits: [{ key: 'affinity', before: '0', after: null }] },
      { vmid: 102, section: 'main', edits: [{ key: 'affinity', before: '4,', after: '4' }] },
    ]);
  });

  it('changes what is pending where that counts', async () => {
    const { changes } = await fixesOf({ vms: { 101: 'affinity: 4\n[PENDING]\naffinity: 0\n' } });
    expect(changes).toMatchObject([{ section: 'pending', edits: [{ key: 'affinity', before: '0', after: null }] }]);
  });

  it('says which other lines Proxmox will rewrite, of a change that goes through it', async () => {
    const vms = { 101: 'numa: no\naffinity: 0\nmemroy: 1\n' };
    expect((await fixesOf({ vms })).changes).toMatchObject([{ rewrites: [] }]);
    expect((await fixesOf({ vms }, 'qm')).changes).toMatchObject([
      {
        rewrites: [
          { before: 'numa: no', after: 'numa: 0' },
          { before: 'memroy: 1', after: null },
        ],
      },
    ]);
  });

  it('leaves a guest that Proxmox has locked', async () => {
    const { changes, left } = await fixesOf({ vms: { 101: 'lock: backup\naffinity: 0\n' } });
    expect(changes).toEqual([]);
    expect(left).toMatchObject([{ finding: { code: 'affinity-zero' }, obstacle: 'locked' }]);
  });

  it('leaves values that belong to a placement', async () => {
    const [placed] = Object.values(driftCases['fingerprint-changed'].triggers);
    const config = '/etc/pve/nodes/pve1/qemu-server/101.conf';
    const tree = new Map([...(placed ?? []), [config, 'cores: 2\naffinity: 0\naffinity1: 7\n']]);
    const { view, findings } = await examineTree(tree);
    const { changes, left } = makeFixes(findings, view, 'file');
    expect(left).toMatchObject([{ finding: { code: 'affinity-zero' }, obstacle: 'placed' }]);
    expect(changes).toMatchObject([{ edits: [{ key: 'affinity1', after: null }] }]);
  });

  it('leaves the second of two fixes that want different values', async () => {
    const { view, findings } = await examineTree(makeDoctorTree({ vms: { 101: 'affinity: 0\n' } }));
    const other = findings.map(finding => ({
      ...finding,
      fix: { kind: 'config' as const, edits: [{ key: 'affinity', after: '0-0' }] },
    }));
    const { changes, left } = makeFixes([...findings, ...other], view, 'file');
    expect(changes).toMatchObject([{ edits: [{ after: null }] }]);
    expect(left).toMatchObject([{ finding: other[0], obstacle: 'conflict' }]);
  });

  it('leaves a fix with which the guest would not start', async () => {
    const { view, findings } = await examineTree(makeDoctorTree({ vms: { 101: 'affinity: 0\n' } }));
    const bad = findings.map(finding => ({
      ...finding,
      fix: { kind: 'config' as const, edits: [{ key: 'affinity', after: '99' }] },
    }));
    expect(makeFixes(bad, view, 'file')).toMatchObject({ changes: [], left: [{ obstacle: 'breaks-start' }] });
  });
});
