// What the rules about NUMA lines offer.
import { expect, it } from 'vitest';
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
