// The commands of a move, in their order: what to take out of the config first, the move itself, and what makes it true there.
import type { Guest } from '#domain/guest.ts';
import type { MoveCode, MoveFinding, MoveStep, MoveStepReason } from '#domain/move.ts';
import type { GuestPlacement } from '#domain/placement.ts';
import { makeFileEdits, makeQmSet, withoutHostNodes } from '#proxmox/move-commands.ts';
import { nextValue, placementKeys } from '#proxmox/placement-config.ts';

export interface MoveStepsInput {
  readonly guest: Guest;
  readonly node: string;
  readonly target: string;
  readonly findings: readonly MoveFinding[];
  /** Where the guest is placed on this node; null when it is not. */
  readonly placed: GuestPlacement | null;
  /** True when `berth apply` there has something to do for it. */
  readonly isPlacedThere: boolean;
  readonly isHaManaged: boolean;
}

/** CPU numbers that mean nothing there, or something else. */
const PINS: readonly MoveCode[] = ['affinity-absent', 'affinity-narrower', 'pins-elsewhere', 'container-cpus-absent'];
/** Host nodes that are not there, or not where the memory should be. */
const HOST_NODES: readonly MoveCode[] = ['host-nodes-absent', 'memory-apart', 'bind-too-large'];

/** Empty when something stands in the way that no order of commands can help: a device, a hookscript, too many vCPUs. */
export function makeMoveSteps(input: MoveStepsInput): readonly MoveStep[] {
  const { guest, node, target, findings, placed, isPlacedThere } = input;
  if (findings.some(isInTheWay)) return [];
  const step = (reason: MoveStepReason, on: string, command: readonly string[]): MoveStep => ({
    ...{ reason, node: on },
    command,
  });
  const live = guest.runtime !== null && !mustStop(guest, findings);
  const tool = guest.kind === 'vm' ? 'qm' : 'pct';
  const id = `${guest.vmid}`;
  const stops = guest.runtime !== null && !live && guest.kind === 'vm';
  const prepared = live ? prepareRunning(input) : prepareStopped(input);
  return [
    ...(stops ? [step('shut-down', node, [tool, 'shutdown', id])] : []),
    ...prepared.map(({ reason, command }) => step(reason, node, command)),
    step('move', node, moveCommand(input, live)),
    ...(isPlacedThere ? [step('place-there', target, ['berth', 'apply'])] : []),
    ...(stops ? [step('start-there', target, [tool, 'start', id])] : []),
    ...(placed === null ? [] : [step('free-here', node, ['berth', 'apply'])]),
    ...putBack(input, prepared.length > 0).map(command => step('put-back', node, command)),
  ];
}

/** Neither the affinity nor host nodes: those can be taken away. Passthrough stops a move only while the guest runs. */
function isInTheWay({ effect, code }: MoveFinding): boolean {
  return effect === 'stops' && code !== 'passthrough-running' && !PINS.includes(code) && !HOST_NODES.includes(code);
}

/** With hugepages Proxmox insists on host nodes, so they can only be changed, which a running guest does not take. */
function mustStop(guest: Guest, findings: readonly MoveFinding[]): boolean {
  if (guest.kind === 'container' || findings.some(({ code }) => code === 'passthrough-running')) return true;
  return guest.hugepages !== null && hits(findings, HOST_NODES, 'arrival');
}

const hits = (findings: readonly MoveFinding[], codes: readonly MoveCode[], at: MoveFinding['at'] | null): boolean =>
  findings.some(finding => codes.includes(finding.code) && (at === null || finding.at === at));

interface Prepared {
  readonly reason: MoveStepReason;
  readonly command: readonly string[];
}

/**
 * A live migration starts the target from the main section, and leaves what is pending alone. `qm set` on a running guest reaches
 * only the pending part, so the main section is edited as a file. Neither value is seen by the guest.
 */
function prepareRunning({ guest, findings, placed }: MoveStepsInput): readonly Prepared[] {
  const pending = placementKeys(guest.kind).filter(key => guest.pending.has(key));
  const isStale = placed !== null || hits(findings, [...PINS, ...HOST_NODES], 'next-start');
  const revert = ['qm', 'set', `${guest.vmid}`, '--revert', pending.join(',')];
  const edits = placementKeys(guest.kind).flatMap(key => {
    const now = guest.raw.get(key);
    const after = now === undefined ? undefined : valueToTake(key, now, findings, 'arrival');
    return after === undefined ? [] : [{ key, after }];
  });
  return [
    ...(isStale && pending.length > 0 ? [{ reason: 'revert-pending' as const, command: revert }] : []),
    ...makeFileEdits(guest.configPath, edits).map(command => ({ reason: 'take-away' as const, command })),
  ];
}

/** A stopped guest gets back what was its own before it was placed; else only what would do harm there is taken away. */
function prepareStopped({ guest, findings, placed, isPlacedThere }: MoveStepsInput): readonly Prepared[] {
  const edits = placementKeys(guest.kind).flatMap(key => {
    const now = nextValue(guest, key);
    if (placed !== null) {
      const own = placed.found.get(key) ?? null;
      return own === now ? [] : [{ key, after: own }];
    }
    // What `berth apply` there writes anew does not have to go first.
    const after = now === null || isPlacedThere ? undefined : valueToTake(key, now, findings, null);
    return after === undefined ? [] : [{ key, after }];
  });
  if (edits.length === 0) return [];
  const reason = placed === null ? 'take-away' : 'give-back-own';
  const commands = guest.kind === 'vm' ? [makeQmSet(guest.vmid, edits)] : makeFileEdits(guest.configPath, edits);
  return commands.map(command => ({ reason, command }));
}

/** Null: the line goes. Undefined: it stays. */
function valueToTake(
  key: string,
  now: string,
  findings: readonly MoveFinding[],
  at: MoveFinding['at'] | null,
): string | null | undefined {
  if (!/^numa\d*$/.test(key)) return hits(findings, PINS, at) ? null : undefined;
  if (key === 'numa' || !hits(findings, HOST_NODES, at)) return undefined;
  const after = withoutHostNodes(now);
  return after === now ? undefined : after;
}

function moveCommand({ guest, target, isHaManaged }: MoveStepsInput, live: boolean): readonly string[] {
  const id = `${guest.vmid}`;
  if (isHaManaged) return ['ha-manager', 'migrate', `${guest.kind === 'vm' ? 'vm' : 'ct'}:${id}`, target];
  if (guest.kind === 'container')
    return ['pct', 'migrate', id, target, ...(guest.runtime === null ? [] : ['--restart'])];
  // Raw addresses: Proxmox moves such a guest stopped, and only when it is told to.
  const isForced = [...guest.raw].some(([key, value]) => /^hostpci\d+$/.test(key) && !value.includes('mapping='));
  return ['qm', 'migrate', id, target, ...(live ? ['--online'] : isForced ? ['--force'] : [])];
}

/** The guest stayed: what was taken away comes back, at its next start if it runs. */
function putBack({ guest, placed }: MoveStepsInput, wasPrepared: boolean): readonly (readonly string[])[] {
  if (!wasPrepared) return [];
  if (placed !== null) return [['berth', 'apply']];
  const before = placementKeys(guest.kind).flatMap(key => {
    const value = nextValue(guest, key);
    return value === null ? [] : [{ key, after: value }];
  });
  return guest.kind === 'vm' ? [makeQmSet(guest.vmid, before)] : makeFileEdits(guest.configPath, before);
}
