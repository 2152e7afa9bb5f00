// What each setting of a host layer should be, from what it was before: one rule for masks, one word for everything else.
import {
  type HostLayers,
  type KernelSetting,
  type LayerName,
  SETTING_RULES,
  type SettingForm,
  type SettingMove,
} from './host-layer.ts';
import { encodeCpuMask, encodeIdList, parseCpuList, parseCpuMask } from './id-list.ts';
import { type CpuSet, cpuSet } from './id-set.ts';
import type { CpuId, VmId } from './ids.ts';
import type { Inventory } from './inventory.ts';
import { type Placement, reservedCpus } from './placement.ts';

export interface LayerContext {
  /** Those in force; a setting of any other is to be as it was found. */
  readonly layers: HostLayers;
  /** As `reservedCpus` gives it. */
  readonly reserved: ReadonlyMap<CpuId, VmId>;
  readonly online: CpuSet;
  readonly housekeeping: CpuSet;
  /** Guests that run. */
  readonly running: ReadonlySet<VmId>;
}

export const layerContext = (placement: Placement, { topology, guests }: Inventory): LayerContext => ({
  layers: placement.layers ?? {},
  reserved: reservedCpus(placement, topology),
  online: topology.online,
  housekeeping: placement.housekeeping,
  running: new Set(guests.filter(({ runtime }) => runtime !== null).map(({ vmid }) => vmid)),
});

/** Waking from C1 takes a microsecond or two, from whatever comes next ten and more. */
const SHALLOW_US = 2;

/** @throws ParseError for a mask or a list that is none. */
export function wantedSetting(setting: KernelSetting, context: LayerContext): string {
  const { layer, form, found, cpus } = setting;
  const choice = context.layers[layer];
  if (choice === undefined || (cpus !== null && !isBusy(cpus, context))) return found;
  if (form === 'mask') return withoutReserved(found, context, parseCpuMask, encodeMaskOf);
  if (form === 'list') return withoutReserved(found, context, parseCpuList, encodeIdList);
  if (form === 'banned') return encodeIdList(parseCpuList(found).union(cpuSet(context.reserved.keys())));
  return layer === 'idleStates' ? shallowest(found) : wordFor(layer, choice);
}

/**
 * What is not as it should be, by layer, each in the order in which it can be written: what goes back to what was found goes the other way
 * round, and first.
 */
export function makeSettingMoves(
  settings: readonly KernelSetting[],
  context: LayerContext,
): ReadonlyMap<LayerName, readonly SettingMove[]> {
  const moves = new Map<LayerName, readonly SettingMove[]>();
  for (const setting of settings) {
    const { layer, path, form, now, found } = setting;
    const after = wantedSetting(setting, context);
    if (isSameSetting(form, now, after)) continue;
    const move = { path, before: now, after };
    const others = moves.get(layer) ?? [];
    moves.set(layer, isSameSetting(form, after, found) ? [move, ...others] : [...others, move]);
  }
  return moves;
}

/** The same CPUs, or the same word. */
export function isSameSetting(form: SettingForm, a: string, b: string): boolean {
  if (a === b) return true;
  if (form === 'mask') return parseCpuMask(a).equals(parseCpuMask(b));
  return form !== 'word' && parseCpuList(a).equals(parseCpuList(b));
}

const KERNEL_THREAD = /^kthread:([1-9]\d*):(.+)$/s;

export const kernelThreadPath = (tid: number, name: string): string => `kthread:${tid}:${name}`;

/** Null for the path of a file. */
export function parseKernelThreadPath(path: string): { readonly tid: number; readonly name: string } | null {
  const [, tid, name] = KERNEL_THREAD.exec(path) ?? [];
  return tid === undefined || name === undefined ? null : { tid: Number(tid), name };
}

/** Of which layer a path is, and what its text means; null for a path that is no setting of ours. */
export function settingKind(path: string): { readonly layer: LayerName; readonly form: SettingForm } | null {
  if (parseKernelThreadPath(path) !== null) return { layer: 'kernelThreads', form: 'list' };
  return SETTING_RULES.find(rule => isInstance(rule.path, path)) ?? null;
}

function isInstance(pattern: string, path: string): boolean {
  const [head = '', tail] = pattern.split('*');
  if (tail === undefined) return path === pattern;
  return path.startsWith(head) && path.endsWith(tail) && /^\d+$/.test(path.slice(head.length, -tail.length));
}

function isBusy(cpus: CpuSet, { reserved, running }: LayerContext): boolean {
  return cpus.ids.some(cpu => {
    const owner = reserved.get(cpu);
    return owner !== undefined && running.has(owner);
  });
}

/** The text as it was found where no dedicated CPU is in it; the host's own CPUs where nothing else would be left. */
function withoutReserved(
  found: string,
  { reserved, online, housekeeping }: LayerContext,
  parse: (text: string) => CpuSet,
  encode: (cpus: CpuSet) => string,
): string {
  const before = parse(found);
  const left = before.filter(cpu => !reserved.has(cpu));
  if (left.equals(before)) return found;
  return encode(left.intersection(online).isEmpty ? housekeeping.intersection(online) : left);
}

const encodeMaskOf = (cpus: CpuSet): string => encodeCpuMask(cpus, (cpus.ids.at(-1) ?? 0) + 1);

/** `n/a` is the kernel's word for no wait at all, and 0 for any. */
const shallowest = (found: string): string =>
  found === 'n/a' || (Number(found) > 0 && Number(found) < SHALLOW_US) ? found : `${SHALLOW_US}`;

function wordFor(layer: LayerName, choice: string | number): string {
  if (layer === 'haltPollingUs') return `${Number(choice) * 1000}`;
  return layer === 'timers' || layer === 'ksm' || layer === 'numaBalancing' ? '0' : `${choice}`;
}
