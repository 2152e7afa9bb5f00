// A whole judgement, from the files of a cluster to JSON and text.
import { describe, expect, it } from 'vitest';
import { migrateCheckJson } from '#contract/migrate-check.ts';
import { encodeJson, parseJson } from '#contract/read-json.ts';
import { type VmId, vmId } from '#domain/ids.ts';
import { makeShapeTree } from '#fixtures/shape-tree.ts';
import { type Shape, shapes } from '#fixtures/shapes.ts';
import { makeTemporaryTree } from '#fixtures/temporary-tree.ts';
import { makeTextHost } from '#fixtures/text-host.ts';
import { type ClusterParts, makeCluster } from '#fixtures/two-node-cluster.ts';
import { renderMigrateCheck } from '#report/migrate-check-text.ts';
import { makePaint } from '#report/paint.ts';
import { makeMoveReport } from './make-move-report.ts';

const POLICY = '/etc/pve/berth/policy.yaml';

const vm = (...lines: readonly string[]) =>
  ['cores: 4', 'memory: 8192', 'name: game', 'smbios1: uuid=5b0c2f4e-9d55-4a70-8a25-000000000100', ...lines, ''].join(
    '\n',
  );

const ask = (
  parts: ClusterParts,
  { from, target = 'pve2', vmid = vmId(100) }: Partial<{ from: string; target: string; vmid: VmId }> = {},
) => makeMoveReport(makeTextHost(makeCluster(parts)), { vmid, target, from });

const codesOf = async (parts: ClusterParts) => (await ask(parts)).report.findings.map(({ code }) => code);

describe('makeMoveReport()', () => {
  const dedicated = { [POLICY]: 'guests:\n  100: { class: dedicated }\n' };

  it('finds nothing on a node alike, and plans the guest there', async () => {
    const { report } = await ask({ vms: { 100: vm('affinity: 1-4') }, files: dedicated });
    expect(report).toMatchObject({ findings: [], basis: 'published', neighbours: 0, running: false });
    expect(report.placement).toMatchObject({ class: 'dedicated', vmid: 100 });
    expect(report.edits.map(({ key }) => key)).toContain('affinity');
    expect(report.steps.map(({ command }) => command.join(' '))).toEqual(['qm migrate 100 pve2', 'berth apply']);
  });

  it('plans beside the guests that are configured there, with their placement', async () => {
    const there = Object.fromEntries([
      ['/etc/pve/nodes/pve2/qemu-server/300.conf', vm().replace('000100', '000300').replace('cores: 4', 'cores: 26')],
      [POLICY, 'guests:\n  100: { class: dedicated }\n  300: { class: dedicated, smt: any, priority: 5 }\n'],
    ]);
    const { report, plan } = await ask({ vms: { 100: vm() }, files: there });
    expect(report.findings.map(({ code }) => code)).toEqual(['no-placement']);
    expect(plan).toBeNull();
    expect(report.neighbours).toBe(1);
  });

  it('plans nothing for a guest for which the policy asks nothing', async () => {
    const made = await ask({ vms: { 100: vm() } });
    expect(made.report).toMatchObject({ placement: null, findings: [] });
    const text = renderMigrateCheck(made, makePaint(false));
    expect(text).toContain('It can live on pve2 as it is configured');
    expect(text).toContain('Not known of pve2: how much memory is free');
  });

  it('knows the snippets and devices that the node has published', async () => {
    const hook = vm('hookscript: local:snippets/pin.sh');
    expect(await codesOf({ vms: { 100: hook } })).toEqual(['hookscript-absent']);
    const filesThere = { '/var/lib/vz/snippets/pin.sh': '#!/bin/sh\n' };
    expect(await codesOf({ vms: { 100: hook }, filesThere })).toEqual([]);
  });

  it('reads mappings and high availability from the cluster', async () => {
    const files = {
      '/etc/pve/mapping/pci.cfg': 'gpu\n\tmap id=10de:2204,node=pve1,path=0000:01:00.0\n',
      '/etc/pve/ha/resources.cfg': 'vm: 100\n\tstate started\n',
    };
    expect(await codesOf({ vms: { 100: vm('hostpci0: mapping=gpu') }, files })).toEqual([
      'mapping-absent',
      'ha-managed',
    ]);
  });

  it('judges containers too', async () => {
    const parts = { containers: { 100: 'cores: 2\nmemory: 512\nlxc.cgroup2.cpuset.cpus: 8-9\n' }, there: shapes.tiny };
    const { report } = await ask(parts);
    expect(report.findings).toMatchObject([{ code: 'container-cpus-absent' }]);
    expect(report.steps.map(({ reason }) => reason)).toEqual(['take-away', 'move', 'put-back']);
  });

  it('takes a captured tree in place of what was published, with its guests', async () => {
    const tree = (shape: Shape) =>
      makeTemporaryTree(
        Object.fromEntries([
          ...[...makeShapeTree(shape)].map(([path, text]) => [path.slice(1), text] as const),
          ['etc/hostname', 'node\n'],
          ['etc/pve/nodes/node/qemu-server/300.conf', vm()],
        ]),
      );
    const parts = { vms: { 100: vm('affinity: 1-4') }, there: null, files: dedicated };
    const { report } = await ask(parts, { from: tree(shapes['ryzen-x3d']), target: 'elsewhere' });
    expect(report).toMatchObject({ basis: 'tree', target: 'elsewhere', neighbours: 1, unknown: [], findings: [] });
    const small = await ask(parts, { from: tree(shapes.tiny) });
    expect(small.report.findings[0]?.code).toBe('vcpus-over-cpus');
  });

  it.each<[string, ClusterParts, Parameters<typeof ask>[1], RegExp]>([
    ['a guest that is nowhere', {}, {}, /Guest 100 is not on node pve1, nor on another node/],
    ['a guest of another node', { files: { '/etc/pve/nodes/pve2/lxc/100.conf': '' } }, {}, /but on pve2: ask there/],
    [
      'an unknown node',
      { vms: { 100: vm() } },
      { target: 'pve9' },
      /no node "pve9" in this cluster, which has pve1, pve2/,
    ],
    ['this node', { vms: { 100: vm() } }, { target: 'pve1' }, /which is this node/],
    ['a node that has published nothing', { vms: { 100: vm() }, there: null }, {}, /inspect --publish/],
    ['a directory that is none', { vms: { 100: vm() } }, { from: '/nowhere' }, /Cannot open host/],
  ])('cannot tell about %s', async (_, parts, question, message) => {
    await expect(ask(parts, question)).rejects.toThrow(message);
  });

  it('says the same in JSON, and says what each number is in text', async () => {
    const split: Shape = { ...shapes.article, numbering: 'siblings-adjacent' };
    const made = await ask({ vms: { 100: vm('affinity: 1-4') }, there: split });
    const output = { schema: 'berth/migrate-check/1' as const, simulated: true, ...made.report };
    const text = encodeJson(migrateCheckJson, output);
    expect(parseJson(migrateCheckJson, text, 'output')).toEqual(output);
    const shown = renderMigrateCheck(made, makePaint(false));
    expect(shown).toContain('Proxmox accepts without a word');
    expect(shown).toMatch(/CPU 1: on pve1 node 0, cache of 0-7,16-23, sibling 17; on pve2 node 0, .*, sibling 0$/m);
    expect(shown).not.toMatch(/undefined|null|NaN|\[object/);
  });
});
