// Steps that start, stop and speak to guests.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { askGuest } from '../guest/ask-guest.ts';
import { crashGuest, isRunning, startGuest, stopGuest, VM_CONFIGS } from '../guest/start-guest.ts';
import { pollUntil } from '../inside/poll.ts';
import { listTexts, textsValue, vmidValue, within } from './values.ts';
import { StepFailure, verb } from './verb.ts';

export const guestVerbs = {
  /** Proxmox starts it; `refused` when that must fail, with what is then said. */
  start: verb(z.strictObject({ start: vmidValue, refused: z.optional(textsValue) }), ({ start, refused }, { log }) => {
    const problem = catchMessage(() => startGuest(start));
    log(problem === null ? `guest ${start} started` : `guest ${start} did not start: ${problem}`);
    if (refused === undefined && problem !== null) throw new StepFailure(`Guest ${start} did not start: ${problem}`);
    if (refused === undefined) return;
    if (problem === null) throw new StepFailure(`Guest ${start} started; it was expected to be refused`);
    for (const text of listTexts(refused)) {
      if (!problem.includes(text))
        throw new StepFailure(`Guest ${start} did not start, but not because of "${text}": ${problem}`);
    }
  }),

  stop: verb(z.strictObject({ stop: vmidValue }), ({ stop }) => stopGuest(stop)),

  /** SIGKILL: pid file and sockets stay behind. */
  crash: verb(z.strictObject({ crash: vmidValue }), ({ crash }) => crashGuest(crash)),

  running: verb(z.strictObject({ running: vmidValue }), ({ running }) => {
    if (!isRunning(running)) throw new StepFailure(`Guest ${running} does not run`);
  }),

  /** The guest has ended by itself, or was killed by the kernel. */
  gone: verb(z.strictObject({ gone: vmidValue, within }), async ({ gone, within: seconds = 0 }) => {
    await expectWithin(seconds, () => !isRunning(gone), `guest ${gone} still runs`);
  }),

  /** A command for QEMU's monitor. */
  qmp: verb(
    z.strictObject({ qmp: vmidValue, execute: z.string(), arguments: z.optional(z.record(z.string(), z.unknown())) }),
    async ({ qmp, execute, arguments: values }, { log }) => {
      const command = values === undefined ? { execute } : { execute, arguments: values };
      const answer = await askGuest(qmp, command);
      log(`guest ${qmp}: ${execute}: ${JSON.stringify(answer)}`);
    },
  ),

  /** Lines of a guest's config, as an administrator's editor would add them; `null` takes a key away. */
  config: verb(
    z.strictObject({ config: vmidValue, set: z.record(z.string(), z.nullable(z.union([z.string(), z.number()]))) }),
    ({ config, set }) => {
      const file = `${VM_CONFIGS}/${config}.conf`;
      const kept = readFileSync(file, 'latin1')
        .split('\n')
        .filter(line => line !== '' && !Object.keys(set).some(key => line.startsWith(`${key}:`)));
      const added = Object.entries(set).flatMap(([key, value]) => (value === null ? [] : [`${key}: ${value}`]));
      writeFileSync(file, [...added, ...kept, ''].join('\n'), 'latin1');
    },
  ),

  /** A file is as it was at the beginning of the scenario: nothing in a guest's config has changed. */
  unchanged: verb(z.strictObject({ unchanged: vmidValue }), ({ unchanged }, { directory }) => {
    const [now, then] = [`${VM_CONFIGS}/${unchanged}.conf`, `${directory}/guests/${unchanged}.conf`].map(file =>
      existsSync(file) ? readFileSync(file, 'latin1') : null,
    );
    if (now !== then) throw new StepFailure(`The config of guest ${unchanged} is not as it was:\n${now}`);
  }),
};

function catchMessage(act: () => void): string | null {
  try {
    act();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

async function expectWithin(seconds: number, isTrue: () => boolean, otherwise: string): Promise<void> {
  await pollUntil(seconds, isTrue, otherwise).catch((error: Error) => {
    throw new StepFailure(error.message);
  });
}
