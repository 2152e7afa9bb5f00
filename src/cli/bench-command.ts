// Which of the things that `berth bench` can do was asked for.
import type { VmId } from '#domain/ids.ts';
import { HostError } from '#host/host-error.ts';
import type { LatencyUnit } from '#latency/imported-run.ts';
import type { CommandContext, ExitCode } from './command-context.ts';
import { bench } from './commands/bench.ts';
import { importBench } from './commands/bench-import.ts';
import { compareBench, listBench, showBench } from './commands/bench-stored.ts';

export interface BenchCommandOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly mode: 'host' | 'guest';
  readonly ssh?: string;
  readonly noise?: boolean;
  readonly restart?: boolean;
  readonly yes?: boolean;
  readonly import?: string;
  readonly list?: boolean;
  readonly show?: string;
  readonly html?: string;
  readonly svg?: string;
  readonly unit?: LatencyUnit;
  readonly compare?: readonly string[];
}

/** A guest would have to be stopped and started six times and more, and each time its caches and its load would be others. */
const NO_RESTART =
  'berth bench measures what can be changed while the guest runs, and never restarts it. To compare across a restart: run cyclictest in the guest and keep what it prints with `berth bench VMID --import FILE`; `berth apply`, then stop and start the guest; run and keep it again; then `berth bench --compare FIRST SECOND`';

/** @throws HostError when it is not clear what to do */
export async function benchCommand(
  context: CommandContext,
  vmid: VmId | undefined,
  options: BenchCommandOptions,
): Promise<ExitCode> {
  if (options.restart === true) throw new HostError('refused', NO_RESTART);
  const { list, show, html, svg, unit, compare, rounds, seconds, noise = false, yes = false } = options;
  if (list === true) return listBench(context);
  if (show !== undefined) return showBench(context, { id: show, html, svg });
  if (compare !== undefined) {
    const [first, second, ...more] = compare;
    if (first === undefined || second === undefined || more.length > 0)
      throw new HostError('refused', '--compare takes the ids of two measurements; `berth bench --list` has them');
    return compareBench(context, [first, second]);
  }
  if (vmid === undefined)
    throw new HostError('refused', 'Which VM? `berth bench VMID` measures it, `berth bench --list` lists what was');
  if (options.import !== undefined) return importBench(context, { vmid, file: options.import, unit });
  const { ssh } = options;
  return bench(context, { vmid, mode: ssh === undefined ? options.mode : 'ssh', ssh, rounds, seconds, noise, yes });
}
