// Passthrough devices on another node: absent, another device at the same address, or a mapping without an entry there.
import { type MoveFinding, moveFinding } from '#domain/move.ts';
import { type HostPci, parseHostPci } from '#proxmox/pci-mappings.ts';
import type { MovedConfig } from './check-move.ts';

interface Passthrough {
  readonly key: string;
  readonly device: HostPci;
}

export function* checkDevices(config: MovedConfig): Generator<MoveFinding> {
  const { guest, values, at, mappings } = config;
  const passed: Passthrough[] = [...values].flatMap(([key, value]) => {
    const device = /^hostpci\d+$/.test(key) ? parseHostPci(value) : null;
    return device === null ? [] : [{ key, device }];
  });
  if (guest.runtime !== null && at === 'arrival') {
    const keys = passed.filter(({ device }) => !mayRun(device, mappings)).map(({ key }) => key);
    if (keys.length > 0) yield moveFinding('passthrough-running', { effect: 'stops', at }, { keys });
  }
  for (const one of passed) {
    if (one.device.kind === 'mapping') yield* checkMapping(one.key, one.device.name, config);
    else for (const address of one.device.addresses) yield* checkAddress(one.key, address, config);
  }
}

/** Raw devices never come along while the guest runs; a mapping may say that its devices can. */
const mayRun = (device: HostPci, mappings: MovedConfig['mappings']): boolean =>
  device.kind === 'mapping' && mappings.get(device.name)?.liveMigration === true;

function* checkMapping(key: string, mapping: string, { at, mappings, there }: MovedConfig): Generator<MoveFinding> {
  if (mappings.get(mapping)?.nodes.has(there.node)) return;
  yield moveFinding('mapping-absent', { effect: 'stops', at }, { key, mapping });
}

/** An address without a function stands for all functions of its device. */
function* checkAddress(key: string, address: string, { at, here, there }: MovedConfig): Generator<MoveFinding> {
  if (there.pciDevices === null) return;
  const first = address.includes('.') ? address : `${address}.0`;
  const isThere = there.pciDevices.get(first);
  const wasHere = here.pciDevices?.get(first) ?? null;
  if (isThere === undefined) yield moveFinding('device-absent', { effect: 'stops', at }, { key, address });
  else if (wasHere !== isThere) {
    yield moveFinding('device-differs', { effect: 'unnoticed', at }, { key, address, here: wasHere, there: isThere });
  }
}
