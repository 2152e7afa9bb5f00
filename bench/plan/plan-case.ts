// What one case of the benchmark is: a host, and guests that come and go on it.
import type { VmId } from '#domain/ids.ts';
import type { BenchHost } from './bench-hosts.ts';
import type { VmRequest } from './placement-algorithm.ts';

/** A VM as every planner is asked for it; the peers know dedicated ones only. */
export interface BenchVm extends VmRequest {
  readonly class: 'dedicated' | 'confined';
  readonly span: 'llc' | 'node';
}

export type CaseEvent =
  | { readonly kind: 'arrive'; readonly vm: BenchVm }
  | { readonly kind: 'leave'; readonly vmid: VmId };

export interface PlanCase {
  /** Unique: host, mix, percentage of the CPUs asked for, and how the guests came. */
  readonly name: string;
  readonly host: BenchHost;
  readonly events: readonly CaseEvent[];
}

/** Those that are there in the end, in the order in which they came. */
export function guestsAtTheEnd({ events }: PlanCase): readonly BenchVm[] {
  const left = new Set(events.flatMap(event => (event.kind === 'leave' ? [event.vmid] : [])));
  return events.flatMap(event => (event.kind === 'arrive' && !left.has(event.vm.vmid) ? [event.vm] : []));
}
