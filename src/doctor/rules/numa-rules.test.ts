// What the rules about NUMA lines offer.
import { describe, expect, it } from 'vitest';
import { examineTree, makeDoctorTree } from '#fixtures/doctor/doctor-tree.ts';

const LINE = 'numa0: cpus=0-3,memory=4096,hostnodes=0,policy=preferred';

it.each([
  ['starts with them', LINE, { binds: false, problem: null }, { kind: 'config', edits: [{ key: 'numa', after: '1' }] }],
  ['would be bound by them', LINE.replace('preferred', 'bind'), { binds: true, problem: null }, null],
  ['would not start', LINE.replace('4096', '1024'), { binds: false, problem: 'numa-memory-sum' }, null],
])('numa-line-without-numa sets numa: 1 only where the VM loses nothing: it %s', async (_, line, facts, fix) => {
  const { findings } = await examineTree(
    makeDoctorTree({ vms: { 101: `cores: 4\nmemory: 4096\nnuma: 0\n${line}\n` } }),
  );
  expect(findings).toMatchObject([{ code: 'numa-line-without-numa', facts: { keys: ['numa0'], ...facts }, fix }]);
  expect(findings[0]?.evidence.map(({ line: at }) => at)).toEqual([3, 4]);
});

/** What the rule with this code offers for a VM of four vCPUs and 4096 MiB. */
async function offered(code: string, lines: string) {
  const { findings } = await examineTree(makeDoctorTree({ vms: { 101: `cores: 4\nmemory: 4096\nnuma: 1\n${lines}` } }));
  const finding = findings.find(candidate => candidate.code === code);
  expect(finding, code).toBeDefined();
  return finding?.fix?.kind === 'config' ? finding.fix.edits : null;
}

describe('fixes of NUMA lines', () => {
  it('gives the one line, or the one without a value, what memory leaves for it', async () => {
    expect(await offered('numa-memory-sum', 'numa0: cpus=0-3,memory=1024\n')).toEqual([
      { key: 'numa0', after: 'cpus=0-3,memory=4096' },
    ]);
    expect(await offered('numa-memory-sum', 'numa0: cpus=0-1,memory=1024\nnuma1: cpus=2-3\n')).toEqual([
      { key: 'numa1', after: 'cpus=2-3,memory=3072' },
    ]);
  });

  it.each([
    ['numa0: cpus=0-1,memory=1024\nnuma1: cpus=2-3,memory=1024\n', 'either may be wrong'],
    ['numa0: cpus=0-1,memory=4096\nnuma1: cpus=2-3\n', 'nothing is left'],
    ['numa0: cpus=0-7,memory=1024\n', 'it would not start with that either'],
  ])('leaves the sum of %j alone: %s', async lines => {
    expect(await offered('numa-memory-sum', lines)).toBeNull();
  });

  it('rounds memory up to a multiple of the sockets', async () => {
    expect(await offered('numa-memory-sockets', 'sockets: 3\n')).toEqual([{ key: 'memory', after: '4098' }]);
  });

  it('counts vCPUs from 0 where host CPUs were written, each line keeping its share', async () => {
    const line = (cpus: string, node: number) => `cpus=${cpus},memory=2048,hostnodes=${node},policy=preferred`;
    expect(await offered('numa-host-cpus', `numa0: ${line('4;20;5', 0)}\nnuma1: ${line('8', 1)}\n`)).toEqual([
      { key: 'numa0', after: line('0-2', 0) },
      { key: 'numa1', after: line('3', 1) },
    ]);
    const wide = 'affinity: 8-15\nnuma0: cpus=8-15,memory=4096\n';
    expect(await offered('numa-host-cpus', wide)).toBeNull();
  });

  it('numbers lines from numa0 on, unless a dropped one explains the gap', async () => {
    const one = 'cpus=0-1,memory=2048';
    const other = 'cpus=2-3,memory=2048';
    expect(await offered('numa-node-gap', `numa1: ${one}\nnuma4: ${other}\n`)).toEqual([
      { key: 'numa0', after: one },
      { key: 'numa1', after: other },
      { key: 'numa4', after: null },
    ]);
    expect(
      await offered('numa-node-gap', `numa0: ${one},policy=strict\nnuma1: ${other.replace('2048', '4096')}\n`),
    ).toBeNull();
  });

  it('names every vCPU in the only line, and leaves several to the admin', async () => {
    expect(await offered('numa-vcpus-uncovered', 'numa0: cpus=0-1,memory=4096\n')).toEqual([
      { key: 'numa0', after: 'cpus=0-3,memory=4096' },
    ]);
    const two = 'numa0: cpus=0,memory=2048\nnuma1: cpus=2-3,memory=2048\n';
    expect(await offered('numa-vcpus-uncovered', two)).toBeNull();
  });

  it('writes a range for a list that is one, and a policy where there is none', async () => {
    const line = (rest: string) => `cpus=0-3,memory=4096,${rest}`;
    expect(await offered('host-nodes-garbled', `numa0: ${line('hostnodes=0;1,policy=bind')}\n`)).toEqual([
      { key: 'numa0', after: line('hostnodes=0-1,policy=bind') },
    ]);
    expect(await offered('host-nodes-without-policy', `numa0: ${line('hostnodes=1')}\n`)).toEqual([
      { key: 'numa0', after: line('hostnodes=1,policy=preferred') },
    ]);
  });

  it('sets numa: 1 for hugepages only where the VM then starts', async () => {
    expect(await offered('hugepages-without-numa', 'hugepages: 2\nnuma: 0\n')).toEqual([{ key: 'numa', after: '1' }]);
    expect(await offered('hugepages-without-numa', 'hugepages: 512\nnuma: 0\n')).toBeNull();
  });
});
