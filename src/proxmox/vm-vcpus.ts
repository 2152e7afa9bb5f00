// The vCPUs of a VM as Proxmox tells QEMU: sockets, cores, how many are plugged at start.
import { parseHotplugFeatures } from './config-value.ts';
import type { StartHost } from './start-host.ts';
import { StartRefusal } from './start-problem.ts';
import { type ConfigValues, countOrOne, countSockets, isSet } from './start-values.ts';

export interface VmVcpus {
  readonly sockets: number;
  readonly cores: number;
  /** `sockets` × `cores`. */
  readonly maximum: number;
  /** What `vcpus` asks for, even above the maximum. */
  readonly plugged: number;
  /** With CPU hotplug QEMU starts with one vCPU, and the others are devices of this model. Null without. */
  readonly hotplugModel: string | null;
}

/** Models that Proxmox offers and QEMU does not have, and the ones it passes instead. */
const MODELS: Readonly<Record<string, string>> = {
  'x86-64-v2': 'qemu64',
  'x86-64-v2-AES': 'qemu64',
  'x86-64-v3': 'qemu64',
  'x86-64-v4': 'qemu64',
  'Icelake-Client': 'Icelake-Server',
  'Icelake-Client-noTSX': 'Icelake-Server-noTSX',
};

/** @throws StartRefusal in Proxmox's words. */
export function makeVmVcpus(values: ConfigValues, host: StartHost): VmVcpus {
  const sockets = countSockets(values);
  const cores = countOrOne(values, 'cores');
  const maximum = sockets * cores;
  const plugged = isSet(values, 'vcpus') ? Number(values.get('vcpus')) : maximum;
  if (maximum > host.onlineCpus.size) {
    const says = `MAX ${host.onlineCpus.size} vcpus allowed per VM on this node`;
    throw new StartRefusal('vcpus-over-host', ['sockets', 'cores'], says);
  }
  const hotplug = parseHotplugFeatures(values.get('hotplug')).has('cpu');
  if (hotplug && plugged > 1 && isSet(values, 'arch') && values.get('arch') !== 'x86_64') {
    const says = 'Hotplug of non x86_64 CPU not yet supported';
    throw new StartRefusal('cpu-hotplug-architecture', ['hotplug', 'arch'], says);
  }
  return { sockets, cores, maximum, plugged, hotplugModel: hotplug ? hotplugModel(values) : null };
}

/** The model's own name, as CPU devices have it. Definitions of custom models are not read: their default is taken. */
function hotplugModel(values: ConfigValues): string {
  const parts = values.get('cpu')?.split(',') ?? [];
  const named = parts.find(part => !part.includes('=') || part.startsWith('cputype='))?.replace(/^cputype=/, '');
  if (named === undefined) return values.get('kvm') === '0' ? 'qemu64' : 'kvm64';
  return named.startsWith('custom-') ? 'kvm64' : (MODELS[named] ?? named);
}
