// Expectations about what guests feel inside. Their config has `args: -kernel /lab/payload.bin` and `serial0: socket`.
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod/mini';
import { runFile } from '../guest/run-file.ts';
import { measureVcpus } from '../payload/measure-vcpus.ts';
import { type PayloadReport, parsePayloadReport } from '../payload/parse-payload-report.ts';
import { byNumber, vmidValue, within } from './values.ts';
import { StepFailure, verb } from './verb.ts';

/** A report comes every half second, but much later from a guest that hardly runs. */
const ENOUGH_REPORTS = 3;
const PATIENCE_S = 40;

export const payloadVerbs = {
  /** So many vCPUs of the payload are up and spin: `spinning: { 100: 4 }`. */
  spinning: verb(z.strictObject({ spinning: byNumber(z.int()), within }), async ({ spinning, within: seconds = 0 }) => {
    for (const [vmid, wanted] of Object.entries(spinning)) await waitForVcpus(Number(vmid), wanted, seconds);
  }),

  /**
   * The vCPUs of one guest get more done than those of another. Guests of as many vCPUs alone can be compared: under emulation vCPUs of
   * one guest wait for each other. How slow the machine outside is does not matter, because it is that for both.
   */
  faster: verb(
    z.strictObject({
      faster: vmidValue,
      than: vmidValue,
      times: z.number().check(z.positive()),
    }),
    async ({ faster, than, times }, { log }) => {
      const [one, other] = await Promise.all([faster, than].map(measureLoops));
      const ratio = (one ?? 0) / (other ?? 0);
      log(`a vCPU of guest ${faster} does ${ratio.toFixed(2)} times the work of one of guest ${than}`);
      if (!(ratio >= times)) {
        throw new StepFailure(
          `Expected guest ${faster} to be ${times} times as fast as guest ${than}; it is ${ratio.toFixed(2)} times`,
        );
      }
    },
  ),
};

async function waitForVcpus(vmid: number, wanted: number, seconds: number): Promise<void> {
  const awake = (reports: readonly PayloadReport[]) => reports.at(-1)?.vcpus.size ?? 0;
  const reports = await listen(vmid, seconds, reports => awake(reports) === wanted);
  if (awake(reports) !== wanted) throw new StepFailure(`Guest ${vmid} reports ${awake(reports)} vCPUs, not ${wanted}`);
}

/** Loops per second, the mean of all vCPUs. */
async function measureLoops(vmid: number): Promise<number> {
  const reports = await listen(vmid, PATIENCE_S, ({ length }) => length >= ENOUGH_REPORTS);
  if (reports.length < 2) throw new StepFailure(`Guest ${vmid} made ${reports.length} reports in ${PATIENCE_S} s`);
  const loops = [...measureVcpus(reports).values()].map(({ loopsPerS }) => loopsPerS);
  return loops.reduce((sum, value) => sum + value, 0) / loops.length;
}

/** The reports that come over the serial port meanwhile; it may end early. */
async function listen(
  vmid: number,
  seconds: number,
  isEnough: (reports: readonly PayloadReport[]) => boolean,
): Promise<readonly PayloadReport[]> {
  const socket = connect(runFile(vmid, 'serial0'));
  let text = '';
  let problem: string | null = null;
  socket.setEncoding('latin1').on('data', chunk => {
    text += chunk.toString();
  });
  socket.on('error', ({ message }) => {
    problem = message;
  });
  const end = performance.now() + seconds * 1000;
  do await sleep(100);
  while (performance.now() < end && problem === null && !isEnough(parsePayloadReport(text)));
  socket.destroy();
  if (problem !== null) throw new StepFailure(`Guest ${vmid} cannot be listened to: ${problem}`);
  return parsePayloadReport(text);
}
