// Whose memory KSM may merge.
import { expect, it } from 'vitest';
import { examineTree, makeDoctorTree } from '#fixtures/doctor/doctor-tree.ts';

it('ksm-merges-across-nodes names the pinned VMs whose pages may be merged, and no others', async () => {
  const vms = {
    101: 'affinity: 4\n',
    102: 'affinity: 5\nallow-ksm: 0\n',
    103: 'numa: 1\nmemory: 2048\nhugepages: 2\naffinity: 6\n',
    104: 'memory: 512\nnuma: 1\nnuma0: cpus=0,memory=512,hostnodes=1,policy=preferred\n',
    105: 'affinity: 0-0\nnuma: 1\n',
    106: 'cores: 2\n',
  };
  const files = { '/sys/kernel/mm/ksm/run': '1\n', '/sys/kernel/mm/ksm/merge_across_nodes': '1\n' };
  const { findings } = await examineTree(makeDoctorTree({ vms, files }));
  expect(findings.filter(({ code }) => code === 'ksm-merges-across-nodes')).toMatchObject([
    { code: 'ksm-merges-across-nodes', subject: 'host', facts: { vmids: [101, 104, 105] }, fix: { kind: 'commands' } },
  ]);
});

it('numa-balancing names pinned VMs whose memory the kernel looks at, and no others', async () => {
  const line = 'memory: 512\nnuma: 1\nnuma0: cpus=0,memory=512';
  const vms = {
    101: 'affinity: 4\n',
    102: `affinity: 5\n${line},hostnodes=0,policy=preferred\n`,
    103: `affinity: 6\n${line}\n`,
    104: 'affinity: 7\nnuma: 1\nmemory: 2048\nhugepages: 2\n',
    105: 'cores: 2\n',
  };
  const { findings } = await examineTree(makeDoctorTree({ vms, files: { '/proc/sys/kernel/numa_balancing': '1\n' } }));
  expect(findings.filter(({ code }) => code === 'numa-balancing')).toMatchObject([
    { subject: 'host', facts: { vmids: [101, 103] } },
  ]);
});
