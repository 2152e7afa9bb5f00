// `berth bench VMID`: measures latency as found, as planned, as found again, and leaves the host as it was.
import { liveChanges } from '#apply/apply-plan.ts';
import type { VmId } from '#domain/ids.ts';
import type { MadeLoad, Measurement } from '#domain/measurement.ts';
import { refuseDuringBench } from '#host/bench-mark.ts';
import { HostError } from '#host/host-error.ts';
import { openAgentMeter, openSshMeter } from '#host/measure-in-guest.ts';
import { type BlockMeter, openRunDelayMeter } from '#host/measure-run-delay.ts';
import { nextMeasurementId, writeMeasurement } from '#host/measurement-files.ts';
import { findQm } from '#host/proxmox-command.ts';
import { readMeasuredHost } from '#host/read-measured-host.ts';
import { describeBlocks } from '#latency/describe-blocks.ts';
import { renderChanges } from '#report/changes-text.ts';
import { keepMeasurement } from '../bench/keep-measurement.ts';
import { startLoad } from '../bench/make-load.ts';
import { type MeasuredRounds, measureRounds } from '../bench/measure-rounds.ts';
import { type BenchRequest, readBenchRequest } from '../bench/read-bench-request.ts';
import { takeTurn } from '../bench/take-turn.ts';
import { type CommandContext, confirm, type ExitCode } from '../command-context.ts';
import { finishBench } from '../finish-bench.ts';
import { interruptOnSignal } from '../interrupt-on-signal.ts';
import { readState } from '../read-state.ts';
import { tellUntried } from '../tell-untried.ts';

export interface BenchOptions {
  readonly vmid: VmId;
  readonly mode: 'host' | 'guest' | 'ssh';
  /** The guest as ssh takes it; only with that mode. */
  readonly ssh?: string | undefined;
  readonly rounds: number;
  /** Of each block. */
  readonly seconds: number;
  /** Makes load on every CPU meanwhile. */
  readonly noise: boolean;
  readonly yes: boolean;
}

/** 0 measured to the end, 2 when the plan made something worse, 1 when it ended early, or could not begin. */
export async function bench(context: CommandContext, options: BenchOptions): Promise<ExitCode> {
  tellUntried(context);
  // Between its blocks the host is now as found, now as planned: nothing that is read then can be relied on.
  refuseDuringBench(context.host);
  await finishBench(context);
  const request = await readBenchRequest(context, options.vmid);
  await agree(context, request, options);
  const interrupt = interruptOnSignal();
  try {
    return await takeTurn(context, options.vmid, async () => {
      const meter = await openMeter(context, request, { ...options, signal: interrupt.signal });
      const workers = request.state.inventory.topology.online.size;
      const load = options.noise ? await startLoad({ workers, longestS: LOAD_LIMIT * expectedS(options) }) : null;
      try {
        const made = load?.load ?? null;
        return await run(context, { ...options, ...request, meter, load: made, signal: interrupt.signal });
      } finally {
        meter.close();
        if ((await load?.stop()) === false)
          context.tell('The load had ended before the measurement did: its last blocks were measured without\n');
      }
    });
  } finally {
    interrupt.release();
  }
}

/** Of the time that it should take, should it be forgotten. */
const LOAD_LIMIT = 10;

const expectedS = ({ rounds, seconds }: BenchOptions): number => rounds * 3 * (seconds + 1);

/** @throws HostError when nobody agreed */
async function agree(
  { json, print, tell, paint }: CommandContext,
  { plan }: BenchRequest,
  options: BenchOptions,
): Promise<void> {
  const { rounds, noise, yes } = options;
  if (!json) {
    print(`${renderChanges(liveChanges(plan), paint).join('\n')}\n\n`);
    const minutes = Math.ceil(expectedS(options) / 60);
    print(`To be made and taken back ${rounds} times, in about ${minutes} min; configs stay as they are.\n`);
  }
  if (noise)
    tell('--noise: until the end, every CPU of this host has something to compute. All guests will feel it.\n');
  if (yes || (await confirm('Measure this?'))) return;
  throw new HostError('refused', 'Nothing was changed. Without a terminal, --yes says that the plan was looked at');
}

/** Before anything is changed: what cannot be measured is not to be disturbed either. */
async function openMeter(
  { host, tell }: CommandContext,
  { runtime }: BenchRequest,
  { vmid, ssh, mode, signal }: BenchOptions & { readonly signal: AbortSignal },
): Promise<BlockMeter> {
  if (mode === 'guest') return openAgentMeter(vmid, signal);
  if (ssh !== undefined) return openSshMeter(ssh, signal);
  const vcpus = runtime.threads.flatMap(({ tid, role }) => (role.kind === 'vcpu' ? [{ vcpu: role.index, tid }] : []));
  const meter = openRunDelayMeter(host, { pid: runtime.pid, vcpus });
  if (meter.note !== null) tell(`${meter.note}.\n`);
  return meter;
}

type RunOptions = BenchOptions &
  BenchRequest & { readonly meter: BlockMeter; readonly load: MadeLoad | null; readonly signal: AbortSignal };

async function run(context: CommandContext, options: RunOptions): Promise<ExitCode> {
  const { host, tell, now } = context;
  const { vmid, runtime, plan, meter, rounds, seconds, signal } = options;
  const describe = makeDescription(context, options);
  const measured = await measureRounds({
    ...{ vmid, plan, meter, runtime, rounds, secondsPerBlock: seconds, signal, now },
    context: { host, qm: findQm(host) },
    readState: () => readState(host),
    onBlock: (phase, round) => tell(`round ${round} of ${rounds}: ${PHASE_WORDS[phase]}\n`),
    onRound: soFar => void writeMeasurement(host, describe(soFar)),
  });
  const measurement = describe(measured);
  keepMeasurement(context, measurement);
  if (measured.notPutBack !== null) throw new HostError('failed', measured.notPutBack);
  if (measured.endedEarly !== null) throw new HostError('failed', `Ended early: ${measured.endedEarly}`);
  return measurement.comparison?.verdict === 'worse' || measurement.comparison?.verdict === 'mixed' ? 2 : 0;
}

const PHASE_WORDS = { asFound: 'as found', asPlanned: 'as planned', asFoundAgain: 'as found again' } as const;

/** What is known before the first block, to be completed by what was measured. */
function makeDescription(
  { host, now }: CommandContext,
  options: RunOptions,
): (measured: MeasuredRounds) => Measurement {
  const { vm, plan, meter, mode, load, state } = options;
  const head = {
    ...{ id: nextMeasurementId(host), node: plan.node, vmid: vm.vmid, guestName: vm.name, mode, load },
    ...{ instrument: meter.instrument, omissionCorrectedUs: meter.omissionCorrectedUs },
    ...{ startedAt: now().toISOString(), changes: liveChanges(plan), commands: meter.commands },
    host: readMeasuredHost(host, state.inventory),
  };
  return ({ blocks, firstEntry, endedEarly }) => {
    return { ...head, finishedAt: now().toISOString(), plan: firstEntry, endedEarly, ...describeBlocks(blocks) };
  };
}
