// Expectations about what the kernel's scheduler did with a guest's vCPUs over a stretch of time. They need a guest that is busy.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod/mini';
import { parseCpuList } from '#domain/id-list.ts';
import { cpuSet } from '#domain/id-set.ts';
import { type CpuId, cpuId } from '#domain/ids.ts';
import { parseProcStat } from '#topology/parse-proc-stat.ts';
import { queryVcpus, readMain } from './thread-verbs.ts';
import { byNumber, cpuListValue, vmidValue } from './values.ts';
import { StepFailure, verb } from './verb.ts';

const DEFAULT_SECONDS = 2;
const seconds = z.optional(z.number().check(z.positive()));
const share = z.strictObject({ atLeast: z.optional(z.number()), atMost: z.optional(z.number()) });

export const runningVerbs = {
  /** Where all vCPUs of a guest were seen: on how many different CPUs, and on none but `on`. */
  ran: verb(
    z.strictObject({ ran: vmidValue, on: cpuListValue, cpus: z.int(), seconds }),
    async ({ ran, on, cpus, seconds = DEFAULT_SECONDS }, { log }) => {
      const seen = await watchCpus(ran, seconds);
      log(`guest ${ran} ran on CPUs ${[...seen].join(', ')}`);
      const elsewhere = cpuSet(seen).difference(parseCpuList(`${on}`));
      if (!elsewhere.isEmpty || seen.size !== cpus)
        throw new StepFailure(`Expected guest ${ran} on ${cpus} CPUs of ${on}; it ran on ${[...seen].join(', ')}`);
    },
  ),

  /** The part of a whole CPU that each vCPU of a guest got: `shares: { 100: { atLeast: 0.8 } }`. */
  shares: verb(
    z.strictObject({ shares: byNumber(share), seconds }),
    async ({ shares, seconds = DEFAULT_SECONDS }, { log }) => {
      const found = await measureShares(Object.keys(shares).map(Number), seconds);
      const said = found.map(({ vmid, vcpu, share }) => `guest ${vmid}, vCPU ${vcpu}: ${share.toFixed(2)}`).join('; ');
      log(said);
      for (const { vmid, share } of found) {
        const { atLeast = 0, atMost = Infinity } = shares[vmid] ?? {};
        if (share < atLeast || share > atMost)
          throw new StepFailure(`Expected of guest ${vmid} ${JSON.stringify(shares[vmid])}; found ${said}`);
      }
    },
  ),
};

const LOOK_EVERY_MS = 50;

/** Field 39 of `/proc/PID/task/TID/stat`, looked at again and again. */
async function watchCpus(vmid: number, seconds: number): Promise<ReadonlySet<CpuId>> {
  const pid = readMain(vmid);
  const tids = [...(await queryVcpus(vmid)).values()];
  const seen = new Set<CpuId>();
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    for (const tid of tids) {
      seen.add(cpuId(parseProcStat(readFileSync(`/proc/${pid}/task/${tid}/stat`, 'latin1')).lastCpu));
    }
    await sleep(LOOK_EVERY_MS);
  }
  return seen;
}

interface VcpuShare {
  readonly vmid: number;
  readonly vcpu: number;
  readonly share: number;
}

/** For all guests over the same stretch of time. */
async function measureShares(vmids: readonly number[], seconds: number): Promise<readonly VcpuShare[]> {
  const threads: { vmid: number; vcpu: number; read: () => RunTime }[] = [];
  for (const vmid of vmids) {
    const pid = readMain(vmid);
    for (const [vcpu, tid] of await queryVcpus(vmid)) threads.push({ vmid, vcpu, read: () => readRunTime(pid, tid) });
  }
  const before = threads.map(({ read }) => read());
  await sleep(seconds * 1000);
  return threads.map(({ vmid, vcpu, read }, index) => {
    const [now, then] = [read(), before[index] ?? { ranNs: 0, atMs: 0 }];
    return { vmid, vcpu, share: (now.ranNs - then.ranNs) / ((now.atMs - then.atMs) * 1_000_000) };
  });
}

interface RunTime {
  readonly ranNs: number;
  readonly atMs: number;
}

/** The first number of `schedstat` is the time on a CPU (kernel: scheduler/sched-stats). */
function readRunTime(pid: number, tid: number): RunTime {
  const ranNs = Number(readFileSync(`/proc/${pid}/task/${tid}/schedstat`, 'latin1').split(' ', 1)[0]);
  return { ranNs, atMs: performance.now() };
}
