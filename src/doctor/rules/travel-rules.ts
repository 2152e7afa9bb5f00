// A rule about host numbers in a config that goes with its guest to another machine.
import type { ClusterFacts } from '#domain/doctor/cluster-facts.ts';
import type { Evidence } from '#domain/doctor-finding.ts';
import type { Guest } from '#domain/guest.ts';
import { parseAffinity } from '#proxmox/cpuset.ts';
import { containerLine } from '../container-line.ts';
import { findDestinations } from '../destinations.ts';
import type { DoctorRules, Found } from '../doctor-rule.ts';
import type { DoctorView, ExaminedVm } from '../doctor-view.ts';
import { keyEvidence } from '../evidence.ts';
import { changedParts } from '../fingerprint.ts';
import { countedLines } from '../numa-lines.ts';

export const travelRules: DoctorRules<Pick<ClusterFacts, 'pins-travel'>> = {
  'pins-travel': { impact: 'worth-knowing', examine: findTravellingPins },
};

interface PinnedGuest {
  readonly guest: Guest;
  readonly keys: readonly string[];
  readonly evidence: readonly Evidence[];
}

const CPUSET_KEY = 'lxc.cgroup2.cpuset.cpus';

/** On a machine of the same make the numbers mean the same. */
function findTravellingPins(view: DoctorView): readonly Found<ClusterFacts['pins-travel']>[] {
  return pinnedGuests(view).flatMap(({ guest, keys, evidence }) => {
    const destinations = findDestinations(guest, view);
    const topologyOf = (node: string) => view.published.find(facts => facts.node === node)?.topology;
    const unseen = destinations.nodes.filter(node => topologyOf(node) === undefined);
    const different = destinations.nodes.filter(node => {
      const topology = topologyOf(node);
      return topology !== undefined && changedParts(topology, view.inventory.topology).length > 0;
    });
    if (unseen.length === 0 && different.length === 0) return [];
    return [
      {
        subject: guest.vmid,
        facts: { keys, different, unseen },
        evidence: [...evidence, ...destinations.evidence],
        fix: null,
      },
    ];
  });
}

function pinnedGuests({ vms, containers }: DoctorView): readonly PinnedGuest[] {
  const ofVms = vms.map(vm => ({ guest: vm.guest, keys: hostKeys(vm), evidence: keyEvidence(vm, hostKeys(vm)) }));
  const ofContainers = containers.map(container => {
    const line = container.guest.cpuset === null ? null : containerLine(container, CPUSET_KEY);
    return { guest: container.guest, keys: line && [CPUSET_KEY], evidence: line && [line.evidence] };
  });
  return [...ofVms, ...ofContainers].flatMap(({ guest, keys, evidence }) =>
    keys === null || evidence === null || keys.length === 0 ? [] : [{ guest, keys, evidence }],
  );
}

/** Keys that name CPUs or nodes of the host. */
function hostKeys(vm: ExaminedVm): readonly string[] {
  const affinity = parseAffinity(vm.next.get('affinity') ?? '').kind === 'set' ? ['affinity'] : [];
  const lines = countedLines(vm).filter(({ hostNodes }) => !hostNodes.isEmpty);
  return [...affinity, ...lines.map(({ key }) => key)];
}
