// From counts per core group to CPUs: which cores each guest gets, and which vCPU runs where.
import type { Core } from '#domain/host-topology.ts';
import { type CpuSet, cpuSet, unionOf } from '#domain/id-set.ts';
import type { CpuId, VmId } from '#domain/ids.ts';
import type { Arrangement } from './arrangement.ts';
import { isHalfCore } from './capacity.ts';
import type { CoreGroup } from './core-groups.ts';
import type { Demand } from './demand.ts';
import type { HostModel } from './shapes.ts';

export interface ChosenCpus {
  /** CPU of vCPU n at index n; vCPUs follow the host's order of nodes, caches and cores. */
  readonly vcpus: readonly CpuId[];
  /** Whole cores for emulator threads; empty unless asked for. */
  readonly emulator: CpuSet;
}

/** A guest's claim on one group: whole cores, or a single thread of a core that it may share. */
interface Claim {
  readonly demand: Demand;
  readonly vcpus: number;
  readonly extraCores: number;
}

/**
 * In every group:
 * 1. guests keep the cores that they are on now, as many as they still need;
 * 2. the others take the lowest free cores, in order of VMID;
 * 3. when there are too few cores, guests that need only half of their last core share it two by two.
 */
export function chooseCpus(
  demands: readonly Demand[],
  arrangement: Arrangement,
  host: HostModel,
): ReadonlyMap<VmId, ChosenCpus> {
  const chosen = new Map<VmId, ChosenCpus>();
  // A pair is never torn: half a core comes after all whole ones, and no guest has two.
  const halves = new Map<VmId, readonly CpuId[]>();
  const claims = claimsByGroup(demands, arrangement);
  for (const group of host.groups) {
    for (const [{ vmid, smt }, cpus] of chooseInGroup(claims.get(group) ?? [], group)) {
      const before = chosen.get(vmid) ?? { vcpus: [], emulator: cpuSet() };
      const half = smt === 'pairs' && cpus.vcpus.length % 2 === 1 ? cpus.vcpus.slice(-1) : [];
      if (half.length > 0) halves.set(vmid, half);
      const whole = cpus.vcpus.slice(0, cpus.vcpus.length - half.length);
      chosen.set(vmid, { vcpus: [...before.vcpus, ...whole], emulator: before.emulator.union(cpus.emulator) });
    }
  }
  for (const [vmid, half] of halves) {
    const { vcpus, emulator } = chosen.get(vmid) ?? { vcpus: [], emulator: cpuSet() };
    chosen.set(vmid, { vcpus: [...vcpus, ...half], emulator });
  }
  return chosen;
}

function claimsByGroup(demands: readonly Demand[], { shapes }: Arrangement): ReadonlyMap<CoreGroup, readonly Claim[]> {
  const claims = new Map<CoreGroup, Claim[]>();
  for (const [index, demand] of demands.entries()) {
    const { parts = [], emulator = null } = shapes[index] ?? {};
    for (const { group, vcpus } of parts) {
      const claim = { demand, vcpus, extraCores: emulator === group ? demand.emulatorCores : 0 };
      const there = claims.get(group);
      if (there) there.push(claim);
      else claims.set(group, [claim]);
    }
  }
  return claims;
}

function chooseInGroup(claims: readonly Claim[], group: CoreGroup): ReadonlyArray<readonly [Demand, ChosenCpus]> {
  const byVmid = [...claims].sort((a, b) => a.demand.vmid - b.demand.vmid);
  const partners = findPartners(byVmid, group);
  const free = new Set(group.cores);
  const coresOf = new Map<Claim, Core[]>();
  const needs = (claim: Claim) => coresNeeded(claim, group) - (partners.has(claim) ? 1 : 0);
  for (const claim of byVmid) {
    const { present, presentEmulator } = claim.demand;
    const isOn = (cpus: CpuSet) => (core: Core) => free.has(core) && !core.cpus.isDisjointFrom(cpus);
    const ofVcpus = present.isEmpty ? [] : group.cores.filter(isOn(present));
    const ofEmulator = presentEmulator.isEmpty ? [] : group.cores.filter(isOn(presentEmulator.difference(present)));
    coresOf.set(claim, takeCores(free, [...ofVcpus, ...ofEmulator].slice(0, needs(claim))));
  }
  for (const claim of byVmid) {
    const own = coresOf.get(claim) ?? [];
    const rest = group.cores.filter(core => free.has(core)).slice(0, Math.max(0, needs(claim) - own.length));
    coresOf.set(
      claim,
      [...own, ...takeCores(free, rest)].sort((a, b) => a.id - b.id),
    );
  }
  return byVmid.map(claim => {
    const partner = partners.get(claim);
    const shared = partner && (coresOf.get(partner) ?? []).at(-1);
    return [claim.demand, fillCores(claim, coresOf.get(claim) ?? [], shared)];
  });
}

function takeCores(free: Set<Core>, cores: Core[]): Core[] {
  for (const core of cores) free.delete(core);
  return cores;
}

function coresNeeded({ demand, vcpus, extraCores }: Claim, group: CoreGroup): number {
  return (demand.smt === 'isolate' ? vcpus : Math.ceil(vcpus / group.threads)) + extraCores;
}

/** Guest → the guest whose last core it joins, for as many pairs as there are cores too few. */
function findPartners(claims: readonly Claim[], group: CoreGroup): Map<Claim, Claim> {
  const tooFew = claims.reduce((sum, claim) => sum + coresNeeded(claim, group), 0) - group.cores.length;
  const odd = claims.filter(
    ({ demand, vcpus, extraCores }) => demand.smt === 'any' && isHalfCore(vcpus, group) && extraCores === 0,
  );
  const partners = new Map<Claim, Claim>();
  for (let pair = 0; pair < tooFew; pair++) {
    const [host, joins] = [odd[2 * pair], odd[2 * pair + 1]];
    if (host && joins) partners.set(joins, host);
  }
  return partners;
}

/** Emulator cores come last; a joined core gives its last threads to the last vCPUs. */
function fillCores({ demand, vcpus, extraCores }: Claim, cores: readonly Core[], shared: Core | undefined): ChosenCpus {
  const forVcpus = cores.slice(0, cores.length - extraCores);
  const threads = forVcpus.flatMap(core => (demand.smt === 'isolate' ? core.cpus.ids.slice(0, 1) : core.cpus.ids));
  const joined = shared ? shared.cpus.ids.slice(-(vcpus % shared.cpus.size)) : [];
  const own = threads.slice(0, vcpus - joined.length);
  return { vcpus: [...own, ...joined], emulator: unionOf(cores.slice(forVcpus.length).map(core => core.cpus)) };
}
