// What the agent has made for an isolation rung since the apply that asked for it: undone with that apply, of which no step knows it.
import { placementFileJson } from '#contract/placement.ts';
import { parseJson } from '#contract/read-json.ts';
import { confinedTo } from '#domain/confinement.ts';
import { LAYERS } from '#domain/host-layer.ts';
import { parseCpuList } from '#domain/id-list.ts';
import type { JournalEntry, StepRecord } from '#domain/journal.ts';
import { settingKind } from '#domain/kernel-setting.ts';
import { type Isolation, reservedCpus } from '#domain/placement.ts';
import { readFoundSettings } from '#host/found-settings.ts';
import type { Host } from '#host/host.ts';
import { readHostUnits } from '#host/host-units.ts';
import { readSetting } from '#host/kernel-settings.ts';
import { listPartitions, readPartition } from '#host/partition.ts';
import { PLACEMENT_COPY_PATH, readPlacement } from '#host/read-placement.ts';
import { readVmProcess } from '#host/vm-process.ts';
import { parseTopology } from '#topology/parse-topology.ts';

/** Empty unless a rung or a host layer ends with the undo. */
export function madeSince(target: JournalEntry, host: Host): readonly StepRecord[] {
  const partitions = endsRung('partition', target) ? partitionsSince(target, host) : [];
  const units = endsRung('confine', target) ? unitsSince(target, host) : [];
  return [...partitions, ...units, ...layersSince(target, host)];
}

function endsRung(rung: Isolation, { steps }: JournalEntry): boolean {
  const asks = (text: string | null) => text !== null && new RegExp(`"isolation": *"${rung}"`).test(text);
  return steps.some(
    ({ record }) =>
      record.kind === 'file' && record.path === PLACEMENT_COPY_PATH && asks(record.after) && !asks(record.before),
  );
}

/** Of a partition whose VM has ended, and that a helper in its scope keeps alive. */
const NO_PROCESS = { pid: 0, startTime: 0 };

/** Those of guests that were stopped then, or were restarted. */
function partitionsSince({ steps }: JournalEntry, host: Host): readonly StepRecord[] {
  const covered = steps.flatMap(({ record }) => (record.kind === 'partition' ? [record] : []));
  return listPartitions(host).flatMap((vmid): StepRecord[] => {
    const process = readVmProcess(host, vmid);
    const isCovered = covered.some(
      record => record.vmid === vmid && (process === null || record.startTime === process.startTime),
    );
    if (isCovered) return [];
    const before = readPartition(host, vmid)?.cpus ?? null;
    const nothing = { enabled: [], kernelThreads: [], interrupts: [] };
    return [{ kind: 'partition', vmid, ...(process ?? NO_PROCESS), before, after: null, ...nothing }];
  });
}

/** Those that came later, and have the very CPUs that the placement leaves them: any others were set by somebody else. */
function unitsSince({ steps, node }: JournalEntry, host: Host): readonly StepRecord[] {
  const placement = readPlacement(host, node);
  if (placement === null) return [];
  const covered = new Set(steps.flatMap(({ record }) => (record.kind === 'unit' ? [record.unit] : [])));
  const online = parseCpuList(host.read('/sys/devices/system/cpu/online') ?? '');
  const against = { reserved: reservedCpus(placement, parseTopology(host)), online };
  return readHostUnits(host).flatMap((unit): StepRecord[] => {
    const ours = confinedTo(unit, against);
    if (covered.has(unit.unit) || ours === null || unit.runtime?.equals(ours) !== true) return [];
    return [{ kind: 'unit', unit: unit.unit, before: unit.runtime, after: null }];
  });
}

/** Settings of layers that nobody asks for after the undo: of guests and kernel threads that came later, or after another boot. */
function layersSince({ steps }: JournalEntry, host: Host): readonly StepRecord[] {
  const placements = steps.flatMap(({ record }) =>
    record.kind === 'file' && record.path === PLACEMENT_COPY_PATH ? [record] : [],
  );
  const [before, after] = (['before', 'after'] as const).map(side =>
    placements.flatMap(record => layersIn(record[side])),
  );
  const covered = new Set(
    steps.flatMap(({ record }) => (record.kind === 'layer' ? record.settings.map(({ path }) => path) : [])),
  );
  // A step that was never made may have left what its setting was found with, and nothing else.
  const found = [...readFoundSettings(host)].filter(
    ([path, value]) => !covered.has(path) || readSetting(host, path) === value,
  );
  return LAYERS.flatMap((layer): StepRecord[] => {
    if (!after?.includes(layer) || before?.includes(layer)) return [];
    const settings = found.flatMap(([path, value]) => {
      const now = settingKind(path)?.layer === layer ? readSetting(host, path) : null;
      return now === null ? [] : [{ path, before: now, after: value }];
    });
    return settings.length === 0 ? [] : [{ kind: 'layer', layer, settings: settings.reverse(), stayed: [] }];
  });
}

function layersIn(text: string | null): readonly string[] {
  return text === null ? [] : Object.keys(parseJson(placementFileJson, text, PLACEMENT_COPY_PATH).layers ?? {});
}
