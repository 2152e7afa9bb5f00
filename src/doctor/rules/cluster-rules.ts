// Rules about a guest that may be started on another node, and about what the whole cluster reads.
import type { ClusterFacts } from '#domain/doctor/cluster-facts.ts';
import { parseRegisteredTags } from '#proxmox/parse-datacenter.ts';
import { type DoctorRules, hostRule, type Judgement } from '../doctor-rule.ts';
import type { DoctorView } from '../doctor-view.ts';
import { textEvidence } from '../evidence.ts';
import { policyEvidence } from '../policy-line.ts';
import { hookscriptRules } from './hookscript-rules.ts';
import { travelRules } from './travel-rules.ts';

export const clusterRules: DoctorRules<ClusterFacts> = {
  ...hookscriptRules,
  ...travelRules,
  'tag-unregistered': hostRule('ineffective', findUnregisteredTags),
  'policy-guest-absent': hostRule('ineffective', findAbsentGuests),
};

/** A tag that no guest carries is not missed yet. */
function findUnregisteredTags(view: DoctorView): Judgement<ClusterFacts['tag-unregistered']> | null {
  const { texts, policy, inventory } = view;
  const registered = parseRegisteredTags(texts.datacenter?.text ?? '');
  const unregistered = [...policy.tags.keys()].filter(tag => !registered.has(tag));
  const carriers = inventory.guests.filter(guest => guest.tags.some(tag => unregistered.includes(tag)));
  const tags = unregistered.filter(tag => carriers.some(guest => guest.tags.includes(tag)));
  if (tags.length === 0) return null;
  const wanted = [...registered, ...tags].sort();
  return {
    facts: { tags, vmids: carriers.map(({ vmid }) => vmid), registered: wanted },
    evidence: [
      ...policyEvidence(view, tags),
      ...textEvidence(texts.datacenter, /^(registered-tags|user-tag-access):/),
      ...carriers.flatMap(({ configPath: file, text }) => textEvidence({ file, text }, /^tags:/).slice(0, 1)),
    ],
    fix: { kind: 'commands', commands: [['pvesh', 'set', '/cluster/options', '--registered-tags', wanted.join(';')]] },
  };
}

/** The policy belongs to the whole cluster: a guest of another node is no mistake. */
function findAbsentGuests(view: DoctorView): Judgement<ClusterFacts['policy-guest-absent']> | null {
  const { policy, inventory, elsewhere } = view;
  const known = new Set([...inventory.guests, ...elsewhere.map(({ guest }) => guest)].map(({ vmid }) => vmid));
  const vmids = [...policy.guests.keys()].filter(vmid => !known.has(vmid)).sort((a, b) => a - b);
  if (vmids.length === 0) return null;
  return { facts: { vmids }, evidence: policyEvidence(view, vmids), fix: null };
}
