// What to ask less of when there is no plan: single changes with each of which all the rest can be met.
import type { Relaxation } from '#domain/alternative.ts';
import type { VmId } from '#domain/ids.ts';
import type { Infeasible, Request } from '#domain/plan.ts';
import type { Wishes } from '#domain/policy.ts';
import { hasPlan, type PlanInput } from './make-plan.ts';

/** Requests of a large conflict that are looked at, the least important last: each costs some plannings. */
const MOST_REQUESTS = 8;
const MIB_PER_GIB = 1024;

/** Cheap ones first: fewer cores for the host, then what costs a guest least. Nothing else can help but what is about the conflict. */
export function findRelaxations(input: PlanInput, { conflict, lack }: Infeasible): readonly Relaxation[] {
  const requests = conflict.slice(-MOST_REQUESTS);
  return [
    ...fewerHostCores(input),
    ...requests.flatMap(({ vmid }) => lesserWish(vmid, input)),
    ...(lack === 'memory' ? requests.flatMap(request => lessMemory(request, input)) : []),
    ...requests.flatMap(request => fewerContainerCores(request, input)),
  ];
}

/** More than these the host is given by default on no node. */
const MOST_USUAL_CORES = 4;

/** As many cores for the host as can stay; it may have more than one for each node where the policy says nothing. */
function fewerHostCores(input: PlanInput): readonly Relaxation[] {
  const { coresPerNode: from, cpus } = input.housekeeping;
  if (cpus !== null || from === 0) return [];
  const fits = (coresPerNode: number) => hasPlan({ ...input, housekeeping: { ...input.housekeeping, coresPerNode } });
  const to = largest(0, from === null ? MOST_USUAL_CORES : from - 1, fits);
  return to === null ? [] : [{ kind: 'housekeeping', from, to }];
}

/** The first wish of a guest that can be given up, of those that it has. */
function lesserWish(vmid: VmId, input: PlanInput): readonly Relaxation[] {
  const wish = input.wishes.get(vmid);
  if (!wish || wish.class === 'shared') return [];
  const found = lesserWishes(wish).find(([key, to]) =>
    hasPlan({ ...input, wishes: new Map([...input.wishes, [vmid, { ...wish, [key]: to }]]) }),
  );
  return found ? [{ kind: 'wish', vmid, key: found[0], from: wish[found[0]], to: found[1] }] : [];
}

type LesserWish = readonly ['emulator' | 'smt' | 'span' | 'class', string];

function lesserWishes({ class: guestClass, smt, emulator, span }: Wishes): readonly LesserWish[] {
  if (guestClass === 'confined') return [...(span === 'llc' ? [['span', 'node'] as const] : []), ['class', 'shared']];
  return [
    ...(emulator === 'own' ? [['emulator', 'housekeeping'] as const] : []),
    ...(smt === 'isolate' || smt === 'pairs' ? [['smt', 'any'] as const] : []),
    ['class', 'confined'],
    ['class', 'shared'],
  ];
}

/** The most memory, in whole GiB, with which the guest fits. */
function lessMemory({ vmid, memoryMiB: fromMiB }: Request, input: PlanInput): readonly Relaxation[] {
  const fits = (gib: number) => hasPlan(withGuest(input, vmid, { memoryMiB: gib * MIB_PER_GIB }));
  const to = largest(1, Math.ceil(fromMiB / MIB_PER_GIB) - 1, fits);
  return to === null ? [] : [{ kind: 'memory', vmid, fromMiB, toMiB: to * MIB_PER_GIB }];
}

function fewerContainerCores(
  { vmid, class: guestClass, vcpus: from }: Request,
  input: PlanInput,
): readonly Relaxation[] {
  if (guestClass !== 'shared') return [];
  const to = largest(1, from - 1, cores => hasPlan(withGuest(input, vmid, { cores })));
  return to === null ? [] : [{ kind: 'container-cores', vmid, from, to }];
}

function withGuest(input: PlanInput, vmid: VmId, change: { memoryMiB: number } | { cores: number }): PlanInput {
  const guests = input.inventory.guests.map(guest => (guest.vmid === vmid ? { ...guest, ...change } : guest));
  return { ...input, inventory: { ...input.inventory, guests } };
}

/** The largest number from `least` to `most` that fits, where everything below what fits does too; null when none does. */
function largest(least: number, most: number, fits: (number: number) => boolean): number | null {
  if (most < least || !fits(least)) return null;
  let [known, open] = [least, most];
  while (known < open) {
    const middle = Math.ceil((known + open) / 2);
    if (fits(middle)) known = middle;
    else open = middle - 1;
  }
  return known;
}
