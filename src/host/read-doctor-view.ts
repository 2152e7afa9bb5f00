// Reads all that the rules of doctor look at: of this node, of the cluster, and of what Berth itself has recorded.
import { parseJson } from '#contract/read-json.ts';
import { topologyFileJson } from '#contract/topology.ts';
import {
  type DoctorSources,
  type DoctorView,
  type ForeignGuest,
  makeDoctorView,
  type RecordedTopology,
} from '#doctor/doctor-view.ts';
import type { TextTree, Unknown } from '#domain/text-tree.ts';
import { parseContainerGuest } from '#proxmox/parse-container-guest.ts';
import { parseVmGuest } from '#proxmox/parse-vm-guest.ts';
import type { Host } from './host.ts';
import { readDoctorTexts, readSource } from './read-doctor-texts.ts';
import { readGuestConfigs } from './read-guest-configs.ts';
import { readTasks } from './read-tasks.ts';

/** What is absent is null or empty, and no error; what is there and cannot be read is in `unknown`. */
export function readDoctorView(host: Host, state: Pick<DoctorSources, 'inventory' | 'policy' | 'wishes'>): DoctorView {
  const { inventory } = state;
  const unknown: Unknown[] = [];
  const texts = readDoctorTexts(host, unknown);
  const release = texts.release?.text.trim();
  const vmPids = inventory.guests.flatMap(({ runtime }) => (runtime && 'pid' in runtime ? [runtime.pid] : []));
  return makeDoctorView({
    ...state,
    texts,
    kernelConfig: release === undefined ? null : readSource(host, `/boot/config-${release}`, unknown),
    recordedTopology: readRecordedTopology(host, inventory.node, unknown),
    tasks: readTasks(host, new Set(vmPids)),
    elsewhere: readForeignGuests(host, inventory.node),
    unknown: [...inventory.unknown, ...unknown],
  });
}

/** @throws ParseError when the file is there and is not a topology: it is our own. */
function readRecordedTopology(host: TextTree, node: string, unknown: Unknown[]): RecordedTopology | null {
  const source = readSource(host, `/etc/pve/berth/nodes/${node}/topology.json`, unknown);
  if (source === null) return null;
  const { schema: _schema, node: _node, ...topology } = parseJson(topologyFileJson, source.text, source.file);
  return { source, topology };
}

function readForeignGuests(host: TextTree, thisNode: string): readonly ForeignGuest[] {
  const others = host.list('/etc/pve/nodes').filter(node => node !== thisNode);
  return others.flatMap(node => {
    const vms = readGuestConfigs(host, `/etc/pve/nodes/${node}/qemu-server`, parseVmGuest);
    const containers = readGuestConfigs(host, `/etc/pve/nodes/${node}/lxc`, parseContainerGuest);
    return [...vms.guests, ...containers.guests].map(guest => ({ node, guest }));
  });
}
