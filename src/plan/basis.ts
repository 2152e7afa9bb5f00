// The facts that a plan relies on, and what is different now: a stale plan is refused with a readable reason.
import type { Guest } from '#domain/guest.ts';
import { encodeIdList } from '#domain/id-list.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { Basis } from '#domain/plan.ts';

export function makeBasis(inventory: Inventory, policyDigest: string): Basis {
  return {
    online: inventory.topology.online,
    policy: policyDigest,
    guests: inventory.guests.map(guest => ({ vmid: guest.vmid, digest: guest.digest, process: processOf(guest) })),
  };
}

function processOf(guest: Guest): string | null {
  if (guest.runtime === null) return null;
  return 'pid' in guest.runtime ? `${guest.runtime.pid}/${guest.runtime.startTime}` : 'running';
}

/** What is no longer as the plan found it, one sentence each; empty when the plan still holds. */
export function staleFacts(planned: Basis, now: Basis): readonly string[] {
  const facts: string[] = [];
  if (!planned.online.equals(now.online)) {
    facts.push(`online CPUs were ${encodeIdList(planned.online)}, now ${encodeIdList(now.online)}`);
  }
  if (planned.policy !== now.policy) facts.push('the policy was edited');
  const before = new Map(planned.guests.map(guest => [guest.vmid, guest]));
  for (const guest of now.guests) {
    const known = before.get(guest.vmid);
    before.delete(guest.vmid);
    if (!known) facts.push(`guest ${guest.vmid} is new`);
    else if (known.digest !== guest.digest) facts.push(`the config of guest ${guest.vmid} was edited`);
    else if (known.process !== guest.process)
      facts.push(`guest ${guest.vmid} ${describeProcess(known.process, guest.process)}`);
  }
  for (const vmid of before.keys()) facts.push(`guest ${vmid} is gone`);
  return facts;
}

function describeProcess(before: string | null, now: string | null): string {
  if (before === null) return 'was started';
  return now === null ? 'was stopped' : 'was restarted';
}
