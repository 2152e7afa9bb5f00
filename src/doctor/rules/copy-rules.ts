// Rules about copies of a config that carry its pins along: templates, and the sections of snapshots.
import type { CopyFacts } from '#domain/doctor/sharing-facts.ts';
import type { Evidence } from '#domain/doctor-finding.ts';
import { type CpuSet, cpuSet, nodeSet, unionOf } from '#domain/id-set.ts';
import { ownCpus } from '#domain/placement.ts';
import { parseAffinity } from '#proxmox/cpuset.ts';
import { predictStart } from '#proxmox/predict-start.ts';
import type { StartProblem } from '#proxmox/start-problem.ts';
import { type ConfigValues, countOrOne } from '#proxmox/start-values.ts';
import type { ConfigSection } from '#proxmox/vm-config-view.ts';
import { type DoctorRules, type Found, type Judgement, vmRule } from '../doctor-rule.ts';
import type { DoctorView, ExaminedVm } from '../doctor-view.ts';
import { lineEvidence, textEvidence } from '../evidence.ts';
import { countedLines } from '../numa-lines.ts';
import { ownerEvidence, placementEvidence } from '../owner-evidence.ts';
import { cpuOwners, type Owner } from '../taken-cpus.ts';

export const copyRules: DoctorRules<CopyFacts> = {
  'template-pinned': { impact: 'worth-knowing', examine: findPinnedTemplates },
  'snapshot-takes-cpus': vmRule('worth-knowing', findSnapshots),
  'snapshot-breaks-start': vmRule('worth-knowing', findBrokenSnapshots),
  'snapshot-moves-memory': vmRule('worth-knowing', findMovedMemory),
};

/** An affinity wider than the VM is a pool, which clones may well share. */
function findPinnedTemplates({ inventory }: DoctorView): readonly Found<CopyFacts['template-pinned']>[] {
  return inventory.guests.flatMap(guest => {
    if (guest.kind !== 'vm' || !guest.template || guest.affinity === null) return [];
    const cpus = guest.affinity.intersection(inventory.topology.online);
    if (cpus.isEmpty || cpus.size > guest.vcpus) return [];
    return [
      {
        subject: guest.vmid,
        facts: { cpus },
        evidence: textEvidence({ file: guest.configPath, text: guest.text }, /^affinity:/),
        fix: { kind: 'commands', commands: [['qm', 'set', `${guest.vmid}`, '--delete', 'affinity']] },
      },
    ];
  });
}

/** A snapshot with the affinity of today is no news: what is wrong with it is told of the VM itself. */
function findSnapshots(vm: ExaminedVm, view: DoctorView): Judgement<CopyFacts['snapshot-takes-cpus']> | null {
  const others = cpuOwners(view).filter(({ vmid }) => vmid !== vm.guest.vmid);
  const taking = [...vm.config.snapshots].flatMap(([name, section]) => {
    const cpus = affinityOf(section.values);
    if (cpus.equals(affinityOf(vm.next))) return [];
    const owners = others.filter(owner => clashes(cpus, section, owner, view));
    return owners.length === 0 ? [] : [{ name, section, cpus, owners }];
  });
  if (taking.length === 0) return null;
  const owners = others.filter(owner => taking.some(snapshot => snapshot.owners.includes(owner)));
  const cpus = unionOf(taking.map(snapshot => snapshot.cpus)).intersection(unionOf(owners.map(owner => owner.cpus)));
  return {
    facts: { snapshots: taking.map(({ name }) => name), cpus, others: owners.map(({ vmid }) => vmid) },
    evidence: [
      ...taking.flatMap(({ section }) => sectionEvidence(vm, section, ['affinity'])),
      ...ownerEvidence(view, cpus),
    ],
    fix: null,
  };
}

/** As among VMs of today: a wide affinity disturbs dedicated guests only, a narrow one everybody who is pinned. */
function clashes(cpus: CpuSet, { values }: ConfigSection, owner: Owner, { inventory }: DoctorView): boolean {
  if (cpus.isDisjointFrom(owner.cpus)) return false;
  const placed = inventory.placement?.guests.find(({ vmid }) => vmid === owner.vmid);
  const isDedicated = placed !== undefined && !ownCpus(placed).isEmpty;
  return isDedicated || cpus.size <= countOrOne(values, 'sockets') * countOrOne(values, 'cores');
}

function affinityOf(values: ConfigValues): CpuSet {
  const view = parseAffinity(values.get('affinity') ?? '');
  return view.kind === 'set' ? view.cpus : cpuSet();
}

/** What stops the VM as it is now too is told of the VM itself. */
function findBrokenSnapshots(vm: ExaminedVm, view: DoctorView): Judgement<CopyFacts['snapshot-breaks-start']> | null {
  const stops = (values: ConfigValues) => predictStart(values, view.startHost).problems.find(isError);
  const now = stops(vm.next);
  const broken = [...vm.config.snapshots].flatMap(([name, section]) => {
    const problem = stops(section.values);
    return problem === undefined || problem.code === now?.code ? [] : [{ name, section, problem }];
  });
  const [first] = broken;
  if (first === undefined) return null;
  return {
    facts: { snapshots: broken.map(({ name }) => name), says: first.problem.says },
    evidence: broken.flatMap(({ section, problem }) => sectionEvidence(vm, section, problem.keys)),
    fix: null,
  };
}

const isError = ({ severity }: StartProblem): boolean => severity === 'error';

/** Of a VM that is not placed, affinity and memory of the same time belong together. */
function findMovedMemory(vm: ExaminedVm, view: DoctorView): Judgement<CopyFacts['snapshot-moves-memory']> | null {
  const memory = view.inventory.placement?.guests.find(({ vmid }) => vmid === vm.guest.vmid)?.memory ?? null;
  if (memory === null) return null;
  const placed = nodeSet(memory.parts.map(({ hostNode }) => hostNode));
  const moving = [...vm.config.snapshots].flatMap(([name, section]) => {
    const lines = countedLines({ next: section.values }).filter(({ hostNodes }) => !hostNodes.isEmpty);
    const nodes = unionOf(lines.map(({ hostNodes }) => hostNodes));
    return lines.length === 0 || nodes.isSubsetOf(placed) ? [] : [{ name, section, nodes, lines }];
  });
  if (moving.length === 0) return null;
  return {
    facts: {
      snapshots: moving.map(({ name }) => name),
      nodes: unionOf(moving.map(({ nodes }) => nodes)),
      placed,
    },
    evidence: [
      ...moving.flatMap(({ section, lines }) =>
        sectionEvidence(
          vm,
          section,
          lines.map(({ key }) => key),
        ),
      ),
      placementEvidence(view),
    ],
    fix: null,
  };
}

/** The lines of these keys; the header where what matters is that they are not there. */
function sectionEvidence({ source }: ExaminedVm, section: ConfigSection, keys: readonly string[]): readonly Evidence[] {
  const lines = keys.flatMap(key => section.lineOf.get(key) ?? []);
  return (lines.length > 0 ? lines : [section.headerLine ?? 1]).map(line => lineEvidence(source, line));
}
