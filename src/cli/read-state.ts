// Reads everything that planning and verifying need: inventory, policy, and which wishes hold for each guest.
import type { HostState } from '#apply/apply-plan.ts';
import type { Policy } from '#domain/policy.ts';
import type { Host } from '#host/host.ts';
import { findQm } from '#host/proxmox-command.ts';
import { digestOf } from '#host/read-guest-configs.ts';
import { type InventoryOptions, readInventory } from '#host/read-inventory.ts';
import type { PlanInput } from '#plan/make-plan.ts';
import { makeWishes } from '#policy/make-wishes.ts';
import { NO_POLICY, parsePolicy } from '#policy/parse-policy.ts';
import { parseRegisteredTags } from '#proxmox/parse-datacenter.ts';

export const POLICY_PATH = '/etc/pve/berth/policy.yaml';

export interface ReadState extends HostState {
  readonly policy: Policy;
}

/** @throws ParseError and HostError, each naming the file. */
export async function readState(host: Host, options: InventoryOptions = {}): Promise<ReadState> {
  const text = host.read(POLICY_PATH);
  const policy = text === null ? NO_POLICY : parsePolicy(text, POLICY_PATH);
  const inventory = await readInventory(host, { residentMemory: true, ...options });
  const tags = parseRegisteredTags(host.read('/etc/pve/datacenter.cfg') ?? '');
  return {
    inventory,
    policy,
    housekeeping: policy.housekeeping,
    wishes: makeWishes(policy, inventory.guests, tags),
    policyDigest: text === null ? '' : digestOf(text),
  };
}

export function planInput({ inventory, policy, wishes, policyDigest }: ReadState, host: Host): PlanInput {
  const { housekeeping, isolation } = policy;
  return { inventory, wishes, housekeeping, isolation, policyDigest, through: findQm(host) === null ? 'file' : 'qm' };
}
