// `berth agent`: keeps the placement in force true, until it is told to end.
import { setFlagsFromString } from 'node:v8';
import { connectSystemd } from '#agent/notify-systemd.ts';
import { makeReconciler, type Reconciler } from '#agent/reconciler.ts';
import { runAgent } from '#agent/run-agent.ts';
import { watchGuests } from '#agent/watch-guests.ts';
import { ParseError } from '#domain/errors.ts';
import { lockAgent } from '#host/agent-lock.ts';
import { HostError } from '#host/host-error.ts';
import { QMP_PATIENCE_MS } from '#host/qmp.ts';
import { readNodeName } from '#host/read-node-name.ts';
import type { CommandContext, ExitCode } from '../command-context.ts';
import { finishBench } from '../finish-bench.ts';
import { makeNodeArrivals } from '../node-arrivals.ts';
import { makeNotifier } from '../notify-administrator.ts';
import { makePassReporter } from '../report-pass.ts';
import { tellUntried } from '../tell-untried.ts';

export interface AgentCommandOptions {
  /** One pass, then the end. */
  readonly once: boolean;
  readonly periodS: number;
  /** Whether Proxmox's notifications are raised. */
  readonly notifications: boolean;
}

/** 0 told to end, or with `--once` all is as placed now; 1 with `--once` when something could not be put right. */
export async function agent(
  context: CommandContext,
  { once, periodS, notifications }: AgentCommandOptions,
): Promise<ExitCode> {
  const { host } = context;
  const arrivals = makeNodeArrivals(context, readNodeName(host));
  // The only pass waits for whoever answers at all.
  const pins = makeReconciler(host, readNodeName(host), once ? { waitMs: QMP_PATIENCE_MS } : {});
  const reconciler = finishFirst(context, {
    runPass: async () => {
      const unplaced = await arrivals();
      const pass = await pins.runPass();
      return { ...pass, problems: new Map([...unplaced, ...pass.problems]) };
    },
  });
  const report = makePassReporter(context);
  if (once) {
    const pass = await reconciler.runPass();
    report(pass);
    return pass.problems.size === 0 ? 0 : 1;
  }
  if (host.simulated)
    throw new HostError('refused', 'The agent keeps a live host true; a captured one does not change. Use --once');
  const lock = lockAgent(host);
  tellUntried(context);
  keepHeapSmall();
  const { notify, watchdogMs } = connectSystemd(process.env, process.pid);
  const told = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => told.abort());
  const inform = notifications ? makeNotifier(context) : () => {};
  let ready = false;
  await runAgent({
    reconciler,
    periodMs: Math.min(periodS * 1000, watchdogMs ?? Infinity),
    watch: watchGuests,
    signal: told.signal,
    onPass: (pass, ms) => {
      report(pass);
      inform(pass);
      notify(
        ...(ready ? [] : ['READY=1']),
        'WATCHDOG=1',
        `STATUS=${pass.running} VMs run, last pass ${Math.ceil(ms)} ms, ${pass.problems.size} problems`,
      );
      ready = true;
    },
  });
  notify('STOPPING=1');
  lock.release();
  return 0;
}

/** What a killed measurement left was never meant to be kept true. */
function finishFirst(context: CommandContext, { runPass }: Reconciler): Reconciler {
  return {
    runPass: async only => {
      try {
        await finishBench(context);
      } catch (error) {
        if (!(error instanceof HostError || error instanceof ParseError)) throw error;
        const pass = await runPass(only);
        return { ...pass, problems: new Map([...pass.problems, [null, error.message]]) };
      }
      return runPass(only);
    },
  };
}

/**
 * A pass leaves short-lived strings only. V8 would let the space for them grow to 48 MiB that it never gives back;
 * held at its first size it is swept more often, which costs less than can be measured here.
 */
function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
