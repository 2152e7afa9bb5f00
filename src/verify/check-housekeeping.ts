// Rules about the host's own CPUs: the boot CPU, and as many whole cores of each node as the policy asks for.

import { type Finding, finding } from '#domain/finding.ts';
import { hostKind, leastHousekeeping } from '#domain/host-kind.ts';
import type { Housekeeping } from '#domain/policy.ts';
import type { CheckInput } from './check-plan.ts';

export function* checkHousekeeping(wanted: Housekeeping, { inventory, placement }: CheckInput): Generator<Finding> {
  const { topology } = inventory;
  const { housekeeping } = placement;
  const isAsked = wanted.cpus !== null || wanted.coresPerNode !== null;
  // Only a default may give the boot core away, and only where it would break up the large cache.
  const boot = !isAsked && hostKind(topology) === 'large-cache' ? undefined : topology.online.first;
  const named = [boot, ...(wanted.cpus?.intersection(topology.online) ?? [])];
  for (const cpu of new Set(named)) {
    if (cpu !== undefined && !housekeeping.has(cpu)) yield finding('plan-housekeeping-missing', 'error', { cpu });
  }
  if (wanted.cpus !== null) return;
  const usual = leastHousekeeping(topology);
  for (const node of topology.nodes) {
    const cores = topology.cores.filter(core => core.cpus.isSubsetOf(node.cpus));
    const kept = cores.filter(core => core.cpus.isSubsetOf(housekeeping)).length;
    const least = Math.min(wanted.coresPerNode ?? usual.get(node.id) ?? 0, cores.length);
    if (kept < least) yield finding('plan-housekeeping-too-few', 'error', { node: node.id, kept, wanted: least });
  }
}
