// Rules about the hookscript of a guest: whether it is there, here and on nodes where the guest may come up.
import type { ClusterFacts } from '#domain/doctor/cluster-facts.ts';
import type { Evidence } from '#domain/doctor-finding.ts';
import type { Guest } from '#domain/guest.ts';
import { hasStorage, parseStorages, type Storage } from '#proxmox/storages.ts';
import { containerLine } from '../container-line.ts';
import { findDestinations } from '../destinations.ts';
import type { DoctorRules, Found } from '../doctor-rule.ts';
import type { DoctorView } from '../doctor-view.ts';
import { keyEvidence, textEvidence } from '../evidence.ts';

type HookscriptFacts = Pick<ClusterFacts, 'hookscript-missing' | 'hookscript-not-elsewhere'>;
type Problem = ClusterFacts['hookscript-missing']['problem'];

export const hookscriptRules: DoctorRules<HookscriptFacts> = {
  'hookscript-missing': { impact: 'breaks-start', examine: findMissing },
  'hookscript-not-elsewhere': { impact: 'worth-knowing', examine: findMissingElsewhere },
};

interface Hookscript {
  readonly guest: Guest;
  /** `local:snippets/pin.sh`. */
  readonly volume: string;
  readonly evidence: readonly Evidence[];
  /** Undefined: Proxmox knows no such storage, or it is disabled. */
  readonly storage: Storage | undefined;
}

/** None where it is not known which storages there are. */
function findHookscripts(view: DoctorView): readonly Hookscript[] {
  const { storage: source } = view.texts;
  if (source === null) return [];
  const storages = parseStorages(source.text);
  const find = (volume: string) => storages.find(({ id }) => id === volume.split(':')[0]);
  const ofVms = view.vms.flatMap(vm => {
    const volume = vm.next.get('hookscript');
    return volume === undefined ? [] : [{ guest: vm.guest, volume, evidence: keyEvidence(vm, ['hookscript']) }];
  });
  const ofContainers = view.containers.flatMap(container => {
    const line = containerLine(container, 'hookscript');
    return line === null ? [] : [{ guest: container.guest, volume: line.value, evidence: [line.evidence] }];
  });
  const all = [...ofVms, ...findChained(view), ...ofContainers];
  return all.map(script => ({ ...script, storage: find(script.volume) }));
}

/** What a VM had as its hookscript before Berth's, which calls it, and stops the start without it. */
function findChained({ vms, texts }: DoctorView): readonly Omit<Hookscript, 'storage'>[] {
  return vms.flatMap(({ guest, next }) => {
    const chain = texts.hookChains.find(({ file }) => file.endsWith(`/${guest.vmid}`));
    const volume = /^volume: (.+)$/m.exec(chain?.text ?? '')?.[1];
    if (chain === undefined || volume === undefined || !next.has('hookscript')) return [];
    return [{ guest, volume, evidence: textEvidence(chain, /^volume: /) }];
  });
}

function findMissing(view: DoctorView): readonly Found<ClusterFacts['hookscript-missing']>[] {
  return findHookscripts(view).flatMap(script => {
    const problem = problemHere(script, view);
    if (problem === null) return [];
    const { guest, volume, storage } = script;
    return [
      {
        subject: guest.vmid,
        facts: { volume, problem },
        evidence: [...script.evidence, ...storageEvidence(storage, view)],
        fix: null,
      },
    ];
  });
}

/** Where the snippets of a storage were read from; of a storage mounted anywhere else nothing is known. */
const READ_PLACES = /^(\/var\/lib\/vz|\/mnt\/pve\/[^/]+)\/snippets$/;

function problemHere({ volume, storage }: Hookscript, view: DoctorView): Problem | null {
  if (storage === undefined) return 'storage-unknown';
  if (!hasStorage(storage, view.inventory.node)) return 'storage-elsewhere';
  if (storage.snippets === null || !READ_PLACES.test(storage.snippets)) return null;
  const file = `${storage.snippets}/${volume.slice(volume.indexOf('/') + 1)}`;
  const { localSnippets, sharedSnippets } = view.texts;
  const isThere = [...localSnippets, ...sharedSnippets].some(source => source.file === file);
  return isThere || view.unknown.some(({ path }) => path === file) ? null : 'file';
}

/** What is missing here as well is told of this node. */
function findMissingElsewhere(view: DoctorView): readonly Found<ClusterFacts['hookscript-not-elsewhere']>[] {
  return findHookscripts(view).flatMap(script => {
    const { guest, volume, storage } = script;
    const destinations = findDestinations(guest, view);
    if (storage === undefined || problemHere(script, view) !== null) return [];
    const states = destinations.nodes.map(node => ({ node, state: stateOn(node, { storage, volume }, view) }));
    const those = (wanted: string) => states.filter(({ state }) => state === wanted).map(({ node }) => node);
    const absent = those('absent');
    const unseen = those('unseen');
    if (absent.length === 0 && unseen.length === 0) return [];
    return [
      {
        subject: guest.vmid,
        facts: { volume, absent, unseen },
        evidence: [...script.evidence, ...destinations.evidence, ...storageEvidence(storage, view)],
        fix: null,
      },
    ];
  });
}

function stateOn(
  node: string,
  { storage, volume }: { readonly storage: Storage; readonly volume: string },
  { published }: DoctorView,
): 'there' | 'absent' | 'unseen' {
  if (!hasStorage(storage, node)) return 'absent';
  if (storage.shared) return 'there';
  const snippets = published.find(facts => facts.node === node)?.snippets ?? null;
  if (snippets === null) return 'unseen';
  return snippets.has(volume) ? 'there' : 'absent';
}

/** The header of its section; `local` may have none. */
function storageEvidence(storage: Storage | undefined, { texts }: DoctorView): readonly Evidence[] {
  if (storage === undefined) return [];
  return textEvidence(texts.storage, new RegExp(`^\\w+:\\s*${storage.id.replaceAll('.', '\\.')}\\s*$`));
}
