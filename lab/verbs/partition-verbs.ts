// Steps that make and take away partitions again and again, as the program under test does.
import * as z from 'zod/mini';
import { parseCpuList } from '#domain/id-list.ts';
import { vmId } from '#domain/ids.ts';
import { HostError } from '#host/host-error.ts';
import { openHost } from '#host/open-host.ts';
import { cgroupsWithoutCpuset, enterPartition, isInForce, leavePartition, readPartition } from '#host/partition.ts';
import { queryVcpus } from './thread-verbs.ts';
import { cpuListValue, vmidValue } from './values.ts';
import { StepFailure, verb } from './verb.ts';

export const partitionVerbs = {
  /** A guest's vCPUs enter a partition of `cpus` and leave it, so many `times`; each time the kernel has to grant it. */
  'partition-cycles': verb(
    z.strictObject({ 'partition-cycles': vmidValue, cpus: cpuListValue, times: z.int() }),
    async ({ 'partition-cycles': number, cpus, times }, { log, signal }) => {
      const host = openHost('/');
      const vmid = vmId(number);
      const partition = { vmid, cpus: parseCpuList(`${cpus}`), tids: [...(await queryVcpus(number)).values()] };
      const began = performance.now();
      for (let cycle = 1; cycle <= times && !signal.aborted; cycle++) {
        const enabled = cgroupsWithoutCpuset(host);
        expectGranted(cycle, () => enterPartition(host, partition));
        if (!isInForce(readPartition(host, vmid), partition)) throw new StepFailure(`Cycle ${cycle}: not in force`);
        leavePartition(host, vmid, enabled);
        if (readPartition(host, vmid) !== null) throw new StepFailure(`Cycle ${cycle}: still there`);
      }
      log(`${times} cycles, ${((performance.now() - began) / times).toFixed(1)} ms each`);
    },
  ),
};

function expectGranted(cycle: number, act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    throw new StepFailure(`Cycle ${cycle}: ${error.message}`);
  }
}
