// Judges whether a guest can live on another node as it is configured, and what would silently be different there.
import type { Guest } from '#domain/guest.ts';
import { type MoveFinding, type MoveMoment, moveFinding } from '#domain/move.ts';
import type { NodeFacts } from '#domain/node-facts.ts';
import { parseGuestConfigText, rawConfigValue } from '#proxmox/guest-config-text.ts';
import type { HaResource, HaRule } from '#proxmox/ha-rules.ts';
import type { PciMapping } from '#proxmox/pci-mappings.ts';
import { nextValues } from '#proxmox/predict-next-start.ts';
import type { ConfigValues } from '#proxmox/start-values.ts';
import type { Storage } from '#proxmox/storages.ts';
import { VM_CONFIG_SCHEMA } from '#proxmox/vm-config-schema.ts';
import { parseVmConfig } from '#proxmox/vm-config-view.ts';
import { checkContainerCpus, checkMovedCpus } from './check-moved-cpus.ts';
import { checkDevices } from './check-moved-devices.ts';
import { checkHookscript } from './check-moved-hookscript.ts';
import { checkMovedMemory } from './check-moved-memory.ts';
import { checkMovedStart } from './check-moved-start.ts';

export interface MoveInput {
  readonly guest: Guest;
  /** The node that it is on. */
  readonly here: Omit<NodeFacts, 'hugepageSizesKiB' | 'snippets'>;
  readonly there: NodeFacts;
  readonly storages: readonly Storage[];
  readonly mappings: ReadonlyMap<string, PciMapping>;
  /** Null when the high-availability manager does not have it. */
  readonly ha: HaResource | null;
}

/** One set of config values on the way, with the moment at which they count. */
export interface MovedConfig extends MoveInput {
  readonly values: ConfigValues;
  readonly at: MoveMoment;
}

/**
 * A running guest arrives with its main section alone; what is pending counts at its next start there. A stopped one starts with both.
 * What the later moment only repeats is said once. In the order: what stops it, what nobody says, what is worth knowing.
 */
export function checkMove(input: MoveInput): readonly MoveFinding[] {
  const moments = movedConfigs(input);
  const findings = moments.flatMap(config => [...checkConfig(config)]);
  const arrival = new Set(findings.filter(({ at }) => at === 'arrival').map(withoutMoment));
  const once = findings.filter(finding => finding.at === 'arrival' || !arrival.has(withoutMoment(finding)));
  const order = ['stops', 'unnoticed', 'note'] as const;
  return order.flatMap(effect => [...once, ...checkHa(input)].filter(finding => finding.effect === effect));
}

/** What is said of one code about one key; the facts of a later moment replace nothing. */
const withoutMoment = (finding: MoveFinding): string => `${finding.code} ${'key' in finding ? finding.key : ''}`;

function movedConfigs(input: MoveInput): readonly MovedConfig[] {
  const { guest } = input;
  if (guest.kind === 'container') return [{ ...input, values: containerValues(guest.text), at: 'arrival' }];
  const next = nextValues(guest.text);
  if (guest.runtime === null) return [{ ...input, values: next, at: 'arrival' }];
  const { main } = parseVmConfig(guest.text, VM_CONFIG_SCHEMA);
  return [
    { ...input, values: main.values, at: 'arrival' },
    { ...input, values: next, at: 'next-start' },
  ];
}

function containerValues(text: string): ConfigValues {
  const hookscript = rawConfigValue(parseGuestConfigText(text), 'main', 'hookscript');
  return new Map(hookscript === null ? [] : [['hookscript', hookscript]]);
}

function* checkConfig(config: MovedConfig): Generator<MoveFinding> {
  if (config.guest.kind === 'container') yield* checkContainerCpus(config);
  else {
    yield* checkMovedCpus(config);
    yield* checkMovedMemory(config);
    yield* checkDevices(config);
    yield* checkMovedStart(config);
  }
  yield* checkHookscript(config);
}

function* checkHa({ ha, there }: MoveInput): Generator<MoveFinding> {
  if (ha === null) return;
  const { resource, rule } = ha;
  yield moveFinding('ha-managed', { effect: 'note', at: 'arrival' }, { resource });
  if (rule !== null && !rule.nodes.includes(there.node)) yield haElsewhere(resource, rule);
}

function haElsewhere(resource: string, { name, nodes, strict }: HaRule): MoveFinding {
  const when = { effect: strict ? 'stops' : 'note', at: 'arrival' } as const;
  return moveFinding('ha-elsewhere', when, { resource, rule: name, nodes, strict });
}

/** What is not known of the other node, and what therefore was not judged. */
export function unjudged({ guest, there }: Pick<MoveInput, 'guest' | 'there'>): readonly string[] {
  const values = guest.kind === 'vm' ? nextValues(guest.text) : containerValues(guest.text);
  const has = (key: RegExp) => [...values.keys()].some(candidate => key.test(candidate));
  return [
    ...(has(/^hugepages$/) && there.hugepageSizesKiB === null ? ['which hugepage sizes it has'] : []),
    ...(has(/^hostpci\d+$/) && there.pciDevices === null ? ['which PCI devices it has'] : []),
    ...(has(/^hookscript$/) && there.snippets === null ? ['which snippets its own storages hold'] : []),
  ];
}
