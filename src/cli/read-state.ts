// Reads everything that planning and verifying need: inventory, policy, and which wishes hold for each guest.
import type { HostState } from '#apply/apply-plan.ts';
import { ParseError } from '#domain/errors.ts';
import { LAYERS } from '#domain/host-layer.ts';
import type { VmId } from '#domain/ids.ts';
import type { Policy } from '#domain/policy.ts';
import type { Host } from '#host/host.ts';
import { findQm } from '#host/proxmox-command.ts';
import { digestOf } from '#host/read-guest-configs.ts';
import { readHaTexts } from '#host/read-ha-texts.ts';
import { type InventoryOptions, readInventory } from '#host/read-inventory.ts';
import { readPublishedFacts } from '#host/read-node-facts.ts';
import type { PlanInput } from '#plan/make-plan.ts';
import type { NodeTopology } from '#plan/start-elsewhere.ts';
import { makeWishes } from '#policy/make-wishes.ts';
import { NO_POLICY, parsePolicy } from '#policy/parse-policy.ts';
import { parseRegisteredTags } from '#proxmox/parse-datacenter.ts';
import { parseHaBalanced } from '#proxmox/parse-ha-balanced.ts';
import { parseHaTravelling } from '#proxmox/parse-ha-travelling.ts';

export const POLICY_PATH = '/etc/pve/berth/policy.yaml';

export interface ReadState extends HostState {
  readonly policy: Policy;
  /** VMs that HA's balancer may move to another node at any time. */
  readonly balanced: ReadonlySet<VmId>;
  /** VMs that high availability may start on another node. */
  readonly travelling: ReadonlySet<VmId>;
  /** Other nodes of the cluster that have published what they are. */
  readonly elsewhere: readonly NodeTopology[];
}

/** @throws ParseError and HostError, each naming the file. */
export async function readState(host: Host, options: InventoryOptions = {}): Promise<ReadState> {
  const text = host.read(POLICY_PATH);
  const policy = text === null ? NO_POLICY : parsePolicy(text, POLICY_PATH);
  const inventory = await readInventory(host, {
    residentMemory: true,
    unitWishes: policy.isolation !== 'none',
    interrupts: policy.interrupts === 'move',
    ksmKey: [...policy.tags.values(), ...policy.guests.values()].some(({ ksm }) => ksm === 'off'),
    layers: new Set(LAYERS.filter(layer => policy.layers[layer] !== undefined)),
    ...options,
  });
  const datacenter = host.read('/etc/pve/datacenter.cfg') ?? '';
  const tags = parseRegisteredTags(datacenter);
  const ha = readHaTexts(host);
  const travelling = parseHaTravelling(ha, inventory.node);
  return {
    inventory,
    policy,
    housekeeping: policy.housekeeping,
    wishes: makeWishes(policy, inventory.guests, tags, travelling),
    travelling,
    policyDigest: text === null ? '' : digestOf(text),
    balanced: parseHaBalanced(ha.resources ?? '', datacenter),
    elsewhere: readOtherNodes(host, inventory.node),
  };
}

export function planInput(
  { inventory, policy, wishes, policyDigest, balanced, elsewhere }: ReadState,
  host: Host,
): PlanInput {
  const { housekeeping, isolation, interrupts, layers } = policy;
  return {
    inventory,
    wishes,
    housekeeping,
    isolation,
    interrupts,
    layers,
    policyDigest,
    balanced,
    elsewhere,
    through: findQm(host) === null ? 'file' : 'qm',
  };
}

/** A file of another node that is not well-formed is for that node to put right; doctor names it. */
function readOtherNodes(host: Host, thisNode: string): readonly NodeTopology[] {
  const names = host.list('/etc/pve/berth/nodes').filter(name => name !== thisNode);
  return names.flatMap(name => {
    try {
      return readPublishedFacts(host, name) ?? [];
    } catch (error) {
      if (error instanceof ParseError) return [];
      throw error;
    }
  });
}
