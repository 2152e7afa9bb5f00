// From counts per core group to CPUs: which cores each guest gets, and which vCPU runs where.
import type { Core } from '#domain/host-topology.ts';
import { type CpuSet, cpuSet, unionOf } from '#domain/id-set.ts';
import type { CpuId, VmId } from '#domain/ids.ts';
import type { Arrangement } from './arrangement.ts';
import { sharedCores, type Taking, take, takingOf, UNUSED, vcpusPerCore } from './capacity.ts';
import type { CoreGroup } from './core-groups.ts';
import type { Demand } from './demand.ts';
import type { HostModel } from './shapes.ts';
import { type SharedCore, shareCores } from './share-cores.ts';

export interface ChosenCpus {
  /** CPU of vCPU n at index n; vCPUs follow the host's order of nodes, caches and cores. */
  readonly vcpus: readonly CpuId[];
  /** Whole cores for emulator threads; empty unless asked for. */
  readonly emulator: CpuSet;
}

/** A guest's claim on one group: whole cores, and threads of cores that it may share. */
interface Claim extends Taking {
  readonly demand: Demand;
  readonly vcpus: number;
  readonly extraCores: number;
}

/**
 * In every group:
 * 1. guests keep the cores that they are on now, as many as they still need, rather those of which they have most;
 * 2. the others take the lowest free cores, in order of VMID;
 * 3. when there are too few cores, guests share them that need only some of the threads.
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
      const extraCores = emulator === group ? demand.emulatorCores : 0;
      const claim = { demand, vcpus, extraCores, ...takingOf(group, { vcpus, smt: demand.smt, extraCores }) };
      const there = claims.get(group);
      if (there) there.push(claim);
      else claims.set(group, [claim]);
    }
  }
  return claims;
}

function chooseInGroup(claims: readonly Claim[], group: CoreGroup): ReadonlyArray<readonly [Demand, ChosenCpus]> {
  const byVmid = [...claims].sort((a, b) => a.demand.vmid - b.demand.vmid);
  const shared = findShared(byVmid, group);
  const joining = new Set(shared.flatMap(([, ...others]) => others.map(({ guest }) => guest)));
  const free = new Set(group.cores);
  const coresOf = new Map<Claim, Core[]>();
  const needs = (claim: Claim) => claim.whole + (claim.odd > 0 && !joining.has(claim) ? 1 : 0);
  for (const claim of byVmid) {
    const { present, presentEmulator } = claim.demand;
    const onIt = (cpus: CpuSet) =>
      cpus.isEmpty ? [] : group.cores.filter(core => free.has(core) && !core.cpus.isDisjointFrom(cpus));
    const ofVcpus = mostFirst(onIt(present), present);
    const ofEmulator = onIt(presentEmulator.difference(present));
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
  const joined = joinedCpus(shared, coresOf);
  return byVmid.map(claim => [claim.demand, fillCores(claim, coresOf.get(claim) ?? [], joined.get(claim) ?? [])]);
}

/** A core that is shared comes after those that a guest has for itself. */
const mostFirst = (cores: readonly Core[], present: CpuSet): readonly Core[] =>
  [...cores].sort((a, b) => b.cpus.intersection(present).size - a.cpus.intersection(present).size);

function takeCores(free: Set<Core>, cores: Core[]): Core[] {
  for (const core of cores) free.delete(core);
  return cores;
}

function findShared(claims: readonly Claim[], group: CoreGroup): ReadonlyArray<SharedCore<Claim>> {
  const usage = claims.reduce((before, claim) => take(before, claim), UNUSED);
  const odd = claims.flatMap(claim => (claim.odd > 0 ? [{ guest: claim, threads: claim.odd }] : []));
  return shareCores(odd, { cores: sharedCores(group, usage), threads: group.threads });
}

/** The threads of guests on others' cores: those that follow on the last core with vCPUs of the guest that has it. */
function joinedCpus(
  shared: ReadonlyArray<SharedCore<Claim>>,
  coresOf: ReadonlyMap<Claim, readonly Core[]>,
): ReadonlyMap<Claim, readonly CpuId[]> {
  const joined = new Map<Claim, readonly CpuId[]>();
  for (const [first, ...others] of shared) {
    if (first === undefined) continue;
    const cpus = coresOf.get(first.guest)?.at(-1 - first.guest.extraCores)?.cpus.ids ?? [];
    let from = first.threads;
    for (const { guest, threads } of others) {
      joined.set(guest, [...(joined.get(guest) ?? []), ...cpus.slice(from, from + threads)]);
      from += threads;
    }
  }
  return joined;
}

/** Emulator cores come last, and the last vCPUs are on cores of other guests. */
function fillCores({ demand, vcpus, extraCores }: Claim, cores: readonly Core[], joined: readonly CpuId[]): ChosenCpus {
  const forVcpus = cores.slice(0, cores.length - extraCores);
  const threads = forVcpus.flatMap(({ cpus }) => cpus.ids.slice(0, vcpusPerCore(cpus.size, demand.smt)));
  const own = threads.slice(0, vcpus - joined.length);
  return { vcpus: [...own, ...joined], emulator: unionOf(cores.slice(forVcpus.length).map(core => core.cpus)) };
}
