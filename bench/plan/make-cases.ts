// Every case: each host with each mix, filled loosely to the brim, by arrivals alone or with departures in between.
import { vmId } from '#domain/ids.ts';
import type { BenchHost } from './bench-hosts.ts';
import { MIXES, type Mix, makeVms } from './guest-mixes.ts';
import type { CaseEvent, PlanCase } from './plan-case.ts';
import { makeRandom } from './random.ts';

/** Per cent of the CPUs that guests may have. */
const FILLS: readonly number[] = [50, 75, 90, 98];

/** One VM in three leaves again, and others take the room. */
const LEAVING = 1 / 3;

/** In order of fill, mix and history. */
export function makeCases(host: BenchHost): readonly PlanCase[] {
  return FILLS.flatMap(fill =>
    MIXES.flatMap(mix => [makeArrivals(host, mix, fill), ...(fill >= 75 ? [makeDepartures(host, mix, fill)] : [])]),
  );
}

function makeArrivals(host: BenchHost, mix: Mix, fill: number): PlanCase {
  const name = `${host.name} ${mix.name} ${fill} arrivals`;
  const cpus = cpusFor(host, fill);
  const vms = makeVms({ host, mix, cpus, firstVmid: vmId(100), random: makeRandom(name) });
  return { name, host, events: vms.map(vm => ({ kind: 'arrive', vm })) };
}

function makeDepartures(host: BenchHost, mix: Mix, fill: number): PlanCase {
  const name = `${host.name} ${mix.name} ${fill} departures`;
  const random = makeRandom(name);
  const cpus = cpusFor(host, fill);
  const first = makeVms({ host, mix, cpus, firstVmid: vmId(100), random });
  const leaving = first.filter(() => random.next() < LEAVING);
  const room = leaving.reduce((sum, vm) => sum + vm.vcpus, 0);
  const then = makeVms({ host, mix, cpus: room, firstVmid: vmId(100 + first.length), random });
  const events: CaseEvent[] = [
    ...first.map(vm => ({ kind: 'arrive' as const, vm })),
    ...leaving.map(({ vmid }) => ({ kind: 'leave' as const, vmid })),
    ...then.map(vm => ({ kind: 'arrive' as const, vm })),
  ];
  return { name, host, events };
}

const cpusFor = ({ topology, housekeeping }: BenchHost, fill: number): number =>
  Math.floor((topology.online.difference(housekeeping).size * fill) / 100);
