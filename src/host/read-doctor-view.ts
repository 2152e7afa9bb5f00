// Reads all that the rules of doctor look at: of this node, of the cluster, and of what Berth itself has recorded.
import { parseJson } from '#contract/read-json.ts';
import { parseNodeFacts, topologyFileJson } from '#contract/topology.ts';
import type { DoctorTexts } from '#doctor/doctor-files.ts';
import {
  type DoctorSources,
  type DoctorView,
  type ForeignGuest,
  makeDoctorView,
  type RecordedTopology,
} from '#doctor/doctor-view.ts';
import { ParseError } from '#domain/errors.ts';
import type { Inventory } from '#domain/inventory.ts';
import type { NodeFacts } from '#domain/node-facts.ts';
import type { TextTree, Unknown } from '#domain/text-tree.ts';
import { parseContainerGuest } from '#proxmox/parse-container-guest.ts';
import { parseVmGuest } from '#proxmox/parse-vm-guest.ts';
import { verifyPlacement } from '#verify/verify-placement.ts';
import type { Host } from './host.ts';
import { readDoctorTexts, readSource } from './read-doctor-texts.ts';
import { readGuestConfigs } from './read-guest-configs.ts';
import { topologyPath } from './read-node-facts.ts';
import { readTasks } from './read-tasks.ts';

const POLICY_FILE = '/etc/pve/berth/policy.yaml';

/** What is absent is null or empty, and no error; what is there and cannot be read is in `unknown`. */
export function readDoctorView(host: Host, state: Pick<DoctorSources, 'inventory' | 'policy' | 'wishes'>): DoctorView {
  const { inventory } = state;
  const unknown: Unknown[] = [];
  const texts = readDoctorTexts(host, unknown);
  const release = texts.release?.text.trim();
  const vmPids = inventory.guests.flatMap(({ runtime }) => (runtime && 'pid' in runtime ? [runtime.pid] : []));
  const tasks = readTasks(host, new Set(vmPids));
  const { placement } = inventory;
  return makeDoctorView({
    ...state,
    texts,
    kernelConfig: release === undefined ? null : readSource(host, `/boot/config-${release}`, unknown),
    recordedTopology: readRecordedTopology(host, inventory.node, unknown),
    tasks,
    vmThreadStats: readThreadStats(host, inventory, unknown),
    elsewhere: readForeignGuests(host, inventory.node),
    published: readPublished(texts, inventory.node, unknown),
    policySource: readSource(host, POLICY_FILE, unknown),
    verified: placement === null ? null : verifyPlacement({ inventory, placement, tasks, only: null }),
    unknown: [...inventory.unknown, ...unknown],
  });
}

function readThreadStats(host: TextTree, { guests }: Inventory, unknown: Unknown[]): DoctorSources['vmThreadStats'] {
  return new Map(
    guests.flatMap(({ vmid, runtime }) => {
      if (runtime === null || !('pid' in runtime)) return [];
      const files = runtime.threads.map(({ tid }) => `/proc/${runtime.pid}/task/${tid}/stat`);
      return [[vmid, files.flatMap(file => readSource(host, file, unknown) ?? [])] as const];
    }),
  );
}

/** @throws ParseError when the file is there and is not a topology: it is our own. */
function readRecordedTopology(host: TextTree, node: string, unknown: Unknown[]): RecordedTopology | null {
  const source = readSource(host, `/etc/pve/berth/nodes/${node}/topology.json`, unknown);
  if (source === null) return null;
  const { schema: _schema, node: _node, ...topology } = parseJson(topologyFileJson, source.text, source.file);
  return { source, topology };
}

/** A file of another node that is not well-formed is for that node to put right. */
function readPublished({ publishedTopologies }: DoctorTexts, node: string, unknown: Unknown[]): readonly NodeFacts[] {
  return publishedTopologies.flatMap(({ file, text }) => {
    if (file === topologyPath(node)) return [];
    try {
      return [parseNodeFacts(text, file)];
    } catch (error) {
      if (!(error instanceof ParseError)) throw error;
      unknown.push({ path: file, reason: error.message });
      return [];
    }
  });
}

function readForeignGuests(host: TextTree, thisNode: string): readonly ForeignGuest[] {
  const others = host.list('/etc/pve/nodes').filter(node => node !== thisNode);
  return others.flatMap(node => {
    const vms = readGuestConfigs(host, `/etc/pve/nodes/${node}/qemu-server`, parseVmGuest);
    const containers = readGuestConfigs(host, `/etc/pve/nodes/${node}/lxc`, parseContainerGuest);
    return [...vms.guests, ...containers.guests].map(guest => ({ node, guest }));
  });
}
