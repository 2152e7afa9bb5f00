// From findings to config changes that are safe to make: one set for each guest, in the form that apply takes.
import type { DoctorFinding } from '#domain/doctor-finding.ts';
import type { FixObstacle, LeftFix } from '#domain/doctor-report.ts';
import type { Guest } from '#domain/guest.ts';
import type { Change, ConfigEdit } from '#domain/plan.ts';
import { parseGuestConfigText, rawConfigValue } from '#proxmox/guest-config-text.ts';
import { nextValue, placementKeys } from '#proxmox/placement-config.ts';
import { startBrokenBy } from '#proxmox/predict-next-start.ts';
import { predictRewrite } from '#proxmox/predict-rewrite.ts';
import { VM_CONFIG_SCHEMA } from '#proxmox/vm-config-schema.ts';
import type { DoctorView } from './doctor-view.ts';

export type ConfigChange = Extract<Change, { readonly kind: 'config' }>;

export interface MadeFixes {
  /** Ascending by VMID. */
  readonly changes: readonly ConfigChange[];
  /** Fixes that are config changes and cannot be made now. */
  readonly left: readonly LeftFix[];
}

/** `through`: see `makeChanges`; it decides which other lines Proxmox will rewrite. */
export function makeFixes(findings: readonly DoctorFinding[], view: DoctorView, through: 'qm' | 'file'): MadeFixes {
  const left: LeftFix[] = [];
  const changes = view.inventory.guests.flatMap(guest => {
    const edits = new Map<string, ConfigEdit>();
    for (const finding of findings) {
      if (finding.subject !== guest.vmid || finding.fix?.kind !== 'config') continue;
      const wanted = finding.fix.edits.map(({ key, after }) => ({ key, before: currentValue(guest, key), after }));
      const obstacle = findObstacle(wanted, edits, guest, view);
      if (obstacle !== null) left.push({ finding, obstacle });
      else for (const edit of wanted) if (edit.before !== edit.after) edits.set(edit.key, edit);
    }
    return toChanges(guest, [...edits.values()], through);
  });
  return { changes, left };
}

function findObstacle(
  wanted: readonly ConfigEdit[],
  accepted: ReadonlyMap<string, ConfigEdit>,
  guest: Guest,
  { inventory, startHost }: DoctorView,
): FixObstacle | null {
  const isPlaced = inventory.placement?.guests.some(({ vmid }) => vmid === guest.vmid) ?? false;
  if (isPlaced && wanted.some(({ key }) => placementKeys(guest.kind).includes(key))) return 'placed';
  if (guest.lock !== null) return 'locked';
  if (wanted.some(({ key, after }) => accepted.has(key) && accepted.get(key)?.after !== after)) return 'conflict';
  if (guest.kind === 'vm' && startBrokenBy([...accepted.values(), ...wanted], guest, startHost) !== null)
    return 'breaks-start';
  return null;
}

/** Keys that Proxmox does not know stand in the text only, and count for nothing. */
const isUnknown = (guest: Guest, key: string): boolean =>
  guest.kind === 'vm' && VM_CONFIG_SCHEMA.valueKind(key) === undefined;

function currentValue(guest: Guest, key: string): string | null {
  return isUnknown(guest, key) ? rawConfigValue(parseGuestConfigText(guest.text), 'main', key) : nextValue(guest, key);
}

/** Lines with unknown keys go first, by a change of their own: `qm` would drop them all, and cannot bring one back. */
function toChanges(guest: Guest, edits: readonly ConfigEdit[], through: 'qm' | 'file'): readonly ConfigChange[] {
  const unknown = edits.filter(({ key }) => isUnknown(guest, key));
  const known = edits.filter(({ key }) => !isUnknown(guest, key));
  const waits = guest.kind === 'vm' && (guest.runtime !== null || known.some(({ key }) => guest.pending.has(key)));
  const change = { kind: 'config', vmid: guest.vmid, guestKind: guest.kind, path: guest.configPath } as const;
  const ours = new Set(edits.map(({ key }) => key));
  const rewrites =
    through === 'qm' && guest.kind === 'vm'
      ? predictRewrite(guest.text, VM_CONFIG_SCHEMA).filter(({ before }) => !ours.has(before.split(':')[0] ?? ''))
      : [];
  return [
    ...(unknown.length === 0 ? [] : [{ ...change, edits: unknown, section: 'main' as const, rewrites: [] }]),
    ...(known.length === 0
      ? []
      : [{ ...change, edits: known, section: waits ? ('pending' as const) : ('main' as const), rewrites }]),
  ];
}
