// What would help a guest, and when pinning would not.
import type { Advice, GuestMeasure, PinObstacle, Verdict, VerdictKind } from '#domain/diagnosis.ts';
import type { HostTopology } from '#domain/host-topology.ts';
import { unionOf } from '#domain/id-set.ts';
import { SMALL_HOST_CORES } from './thresholds.ts';

export interface AdviceInput {
  readonly measure: GuestMeasure;
  readonly verdicts: readonly Verdict[];
  readonly topology: HostTopology;
  /** It has CPUs of its own already. */
  readonly isDedicated: boolean;
  /** The cluster's balancer may move it to another node at any time. */
  readonly isBalanced: boolean;
}

export interface Advised {
  readonly advice: readonly Advice[];
  readonly doNotPin: PinObstacle | null;
}

export function adviseGuest(input: AdviceInput): Advised {
  const has = (...kinds: readonly VerdictKind[]) => input.verdicts.some(({ kind }) => kinds.includes(kind));
  if (has('fine')) return { advice: ['nothing'], doNotPin: 'nothing-lost' };
  if (has('idle-nothing-to-see')) return { advice: ['nothing'], doNotPin: 'idle' };
  const starved = has('starved-by-guest', 'starved-by-host-tasks');
  const others: Advice[] = [
    ...(has('throttled-by-limit') ? (['raise-cpulimit'] as const) : []),
    ...(starved && input.isDedicated ? (['keep-others-off'] as const) : []),
    ...(has('starved-by-itself') && isNarrow(input) ? (['widen-affinity'] as const) : []),
    ...(has('helpers-wait') && input.isDedicated ? (['own-emulator-cpus'] as const) : []),
    ...(has('memory-remote') ? (['move-memory-by-restart'] as const) : []),
  ];
  const pin = choosePin(input, has);
  const doNotPin = findObstacle(input, has) ?? (pin === null ? 'would-not-help' : null);
  if (pin !== null && doNotPin === null) return { advice: [pin, ...others], doNotPin };
  // Weights decide who waits when there is not enough for all.
  const weights: readonly Advice[] = starved && !input.isDedicated && !has('throttled-by-limit') ? ['weights'] : [];
  const advice = [...others, ...weights];
  return { advice: advice.length > 0 ? advice : ['nothing'], doNotPin };
}

type Has = (...kinds: readonly VerdictKind[]) => boolean;

/** Null when its losses have nothing to do with where it may run. */
function choosePin(input: AdviceInput, has: Has): 'dedicated' | 'confined' | null {
  const crowded =
    has('starved-by-guest', 'starved-by-host-tasks', 'helpers-wait') || (has('starved-by-itself') && !isNarrow(input));
  if (crowded && !input.isDedicated) return fitsAlone(input) ? 'dedicated' : 'confined';
  return has('wanders', 'memory-remote') ? 'confined' : null;
}

function findObstacle({ topology, isBalanced }: AdviceInput, has: Has): PinObstacle | null {
  if (has('throttled-by-limit')) return 'cpulimit';
  if (has('host-overcommitted')) return 'host-full';
  if (topology.cores.length <= SMALL_HOST_CORES) return 'small-host';
  return isBalanced ? 'balanced-by-ha' : null;
}

/** More vCPUs than CPUs that they may use: they wait for each other wherever they are put. */
const isNarrow = ({ measure: { vcpus } }: AdviceInput): boolean =>
  unionOf(vcpus.map(({ allowed }) => allowed)).size < vcpus.length;

/** One core stays for the host. */
const fitsAlone = ({ measure: { vcpus }, topology: { cores, online } }: AdviceInput): boolean =>
  vcpus.length <= online.size - (cores[0]?.cpus.size ?? 1);
