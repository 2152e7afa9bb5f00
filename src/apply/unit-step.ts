// Confines a systemd unit beside the guests to CPUs, or gives it back those of its configuration.
import { type HostUnit, sameCpus } from '#domain/confinement.ts';
import { encodeIdList, parseCpuList } from '#domain/id-list.ts';
import type { StepRecord } from '#domain/journal.ts';
import type { Host } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';
import { readHostUnits } from '#host/host-units.ts';
import type { Progress } from './steps.ts';

type UnitRecord = Extract<StepRecord, { kind: 'unit' }>;

export function unitState({ unit, before, after }: UnitRecord, host: Host): Progress {
  const now = findUnit(unit, host);
  if (now === null) return 'gone';
  if (sameCpus(now.runtime, after)) return 'after';
  // Somebody may have set it again in the meantime, as is their right; what matters is where it must go.
  return sameCpus(now.runtime, before) ? 'before' : 'mixed';
}

export function applyUnit({ unit, after }: UnitRecord, host: Host): void {
  const now = findUnit(unit, host);
  if (now === null) return;
  const online = parseCpuList(host.read('/sys/devices/system/cpu/online') ?? '');
  const configured = now.own ?? online;
  host.setUnitCpus(unit, after, configured);
  const { effective } = findUnit(unit, host) ?? now;
  if (effective.isSubsetOf(after ?? configured)) return;
  throw new HostError('failed', `${unit} may run on CPUs ${encodeIdList(effective)} after it was set otherwise`);
}

const findUnit = (name: string, host: Host): HostUnit | null =>
  readHostUnits(host).find(({ unit }) => unit === name) ?? null;
