// Reads everything that planning and verifying need: inventory, policy, and which wishes hold for each guest.
import type { HostState } from '#apply/apply-plan.ts';
import type { VmId } from '#domain/ids.ts';
import type { Policy } from '#domain/policy.ts';
import type { Host } from '#host/host.ts';
import { findQm } from '#host/proxmox-command.ts';
import { digestOf } from '#host/read-guest-configs.ts';
import { type InventoryOptions, readInventory } from '#host/read-inventory.ts';
import type { PlanInput } from '#plan/make-plan.ts';
import { makeWishes } from '#policy/make-wishes.ts';
import { NO_POLICY, parsePolicy } from '#policy/parse-policy.ts';
import { parseRegisteredTags } from '#proxmox/parse-datacenter.ts';
import { parseHaBalanced } from '#proxmox/parse-ha-balanced.ts';

export const POLICY_PATH = '/etc/pve/berth/policy.yaml';

export interface ReadState extends HostState {
  readonly policy: Policy;
  /** VMs that HA's balancer may move to another node at any time. */
  readonly balanced: ReadonlySet<VmId>;
}

/** @throws ParseError and HostError, each naming the file. */
export async function readState(host: Host, options: InventoryOptions = {}): Promise<ReadState> {
  const text = host.read(POLICY_PATH);
  const policy = text === null ? NO_POLICY : parsePolicy(text, POLICY_PATH);
  const inventory = await readInventory(host, { residentMemory: true, ...options });
  const datacenter = host.read('/etc/pve/datacenter.cfg') ?? '';
  const tags = parseRegisteredTags(datacenter);
  return {
    inventory,
    policy,
    housekeeping: policy.housekeeping,
    wishes: makeWishes(policy, inventory.guests, tags),
    policyDigest: text === null ? '' : digestOf(text),
    balanced: parseHaBalanced(host.read('/etc/pve/ha/resources.cfg') ?? '', datacenter),
  };
}

export function planInput({ inventory, policy, wishes, policyDigest, balanced }: ReadState, host: Host): PlanInput {
  const { housekeeping, isolation } = policy;
  return {
    inventory,
    wishes,
    housekeeping,
    isolation,
    policyDigest,
    balanced,
    through: findQm(host) === null ? 'file' : 'qm',
  };
}
