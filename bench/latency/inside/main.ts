// The program inside a lab host that measures: block by block, a line of JSON for each.
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { openSchedTrace } from '#host/sched-trace.ts';
import { type CaseName, type LabBlock, type LabOrder, RUNGS } from '../lab-blocks.ts';
import { BareThread } from './bare-thread.ts';
import { ForeignTasks } from './foreign-tasks.ts';
import { MEASURED, pauseMeasured, readMain, readVcpuThread, runMeasured, startGuests } from './guests.ts';
import { HostLoad } from './host-load.ts';
import { type MeasuredThread, measureThread } from './measure-thread.ts';
import { applyRung, expectBootedAsPlanned, setAffinity, undoRung } from './placements.ts';

/** What Berth gives away on this shape, and what somebody would write into `affinity`. */
const DEDICATED = 1;
const ALL = '0-1';

async function main(): Promise<void> {
  const order = JSON.parse(readFileSync('/lab/order.json', 'utf8')) as LabOrder;
  mkdirSync('/etc/pve/berth', { recursive: true });
  await startGuests();
  const load = new HostLoad();
  if (order.part === 'placements') await measurePlacements(order, load);
  else if (order.part === 'boot') await measureBoot(order, load);
  else await measureLimit(order, load);
}

type Measure = (name: CaseName, round: number, thread: MeasuredThread) => Promise<void>;

/** @param tids the threads that take turns */
function openMeasure({ part, secondsPerBlock }: LabOrder, load: HostLoad, tids: readonly number[]): Measure {
  const trace = openSchedTrace(tids);
  return async (name, round, thread) => {
    const reading = await measureThread(thread, { trace, load, seconds: secondsPerBlock });
    const block: LabBlock = { part, case: name, round, ...reading };
    appendFileSync('/lab/blocks', `${JSON.stringify(block)}\n`);
  };
}

async function measurePlacements(order: LabOrder, load: HostLoad): Promise<void> {
  const tid = await readVcpuThread();
  const measure = openMeasure(order, load, [tid]);
  const watch = new ForeignTasks(DEDICATED);
  const guest = { pid: readMain(MEASURED), tid, run: runMeasured, hold: pauseMeasured, foreign: null };
  for (let round = 1; round <= order.rounds; round++) {
    await measure('unpinned', round, guest);
    setAffinity(`${DEDICATED}`);
    await measure('affinity', round, { ...guest, foreign: watch });
    setAffinity(ALL);
    for (const rung of RUNGS) {
      applyRung(rung);
      await measure(rung, round, { ...guest, foreign: watch });
    }
    for (const _ of RUNGS) undoRung();
    await measure('unpinned-again', round, guest);
  }
}

/** The kernel has kept the CPU free since it booted; nothing but the guest's threads is moved. */
async function measureBoot(order: LabOrder, load: HostLoad): Promise<void> {
  applyRung('boot');
  expectBootedAsPlanned();
  undoRung();
  const tid = await readVcpuThread();
  const measure = openMeasure(order, load, [tid]);
  const watch = new ForeignTasks(DEDICATED);
  const guest = { pid: readMain(MEASURED), tid, run: runMeasured, hold: pauseMeasured, foreign: null };
  for (let round = 1; round <= order.rounds; round++) {
    await measure('unpinned', round, guest);
    applyRung('boot');
    await measure('boot', round, { ...guest, foreign: watch });
    undoRung();
    await measure('unpinned-again', round, guest);
  }
}

async function measureLimit(order: LabOrder, load: HostLoad): Promise<void> {
  applyRung('partition');
  const tid = await readVcpuThread();
  const bareThread = await BareThread.start(`${DEDICATED}`);
  const measure = openMeasure(order, load, [tid, bareThread.tid]);
  const foreign = new ForeignTasks(DEDICATED);
  const placed = { pid: readMain(MEASURED), tid, run: runMeasured, hold: pauseMeasured, foreign };
  const { pid } = bareThread;
  const bare = { pid, tid: bareThread.tid, run: () => bareThread.run(), hold: () => bareThread.hold(), foreign };
  for (let round = 1; round <= order.rounds; round++) {
    await measure('bare', round, bare);
    await measure('placed', round, placed);
    await measure('bare-again', round, bare);
  }
  bareThread.end();
}

main().then(
  // The load must not keep this program.
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
