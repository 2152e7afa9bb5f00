// On which other nodes a guest may come up without anybody looking at its config first.
import type { Evidence } from '#domain/doctor-finding.ts';
import type { Guest } from '#domain/guest.ts';
import { findHaResource } from '#proxmox/ha-rules.ts';
import { parseSections, sectionValue } from '#proxmox/parse-sections.ts';
import type { DoctorView } from './doctor-view.ts';
import { textEvidence } from './evidence.ts';

interface Destinations {
  /** Names in order. */
  readonly nodes: readonly string[];
  /** The lines that send it there. */
  readonly evidence: readonly Evidence[];
}

/** Where high availability restarts it, and where its disks are replicated to. */
export function findDestinations(guest: Guest, view: DoctorView): Destinations {
  const ways = [byHighAvailability(guest, view), byReplication(guest, view)];
  const nodes = new Set(ways.flatMap(way => way.nodes));
  nodes.delete(view.inventory.node);
  return {
    nodes: [...nodes].sort(),
    evidence: ways.flatMap(({ nodes, evidence }) => (nodes.length > 0 ? evidence : [])),
  };
}

/** The manager starts nothing in these states. */
const UNSTARTED = new Set(['stopped', 'disabled', 'ignored']);

function byHighAvailability({ kind, vmid }: Guest, view: DoctorView): Destinations {
  const { haResources, haRules, haGroups } = view.texts;
  const type = kind === 'vm' ? 'vm' : 'ct';
  const resources = haResources?.text ?? '';
  const section = parseSections(resources).find(each => each.type === type && each.id === `${vmid}`);
  const resource = findHaResource(`${type}:${vmid}`, {
    resources,
    rules: haRules?.text ?? null,
    groups: haGroups?.text ?? null,
  });
  if (section === undefined || resource === null || UNSTARTED.has(sectionValue(section, 'state') ?? 'started')) {
    return { nodes: [], evidence: [] };
  }
  const others = otherNodes(view);
  const { rule } = resource;
  return {
    nodes: rule?.strict === true ? others.filter(node => rule.nodes.includes(node)) : others,
    evidence: textEvidence(haResources, new RegExp(`^${type}:\\s*${vmid}\\s*$`)),
  };
}

/** A job is called by its guest and a number: `local: 101-0`. */
function byReplication({ vmid }: Guest, { texts }: DoctorView): Destinations {
  const jobs = parseSections(texts.replication?.text ?? '').filter(
    ({ id, values }) => id.startsWith(`${vmid}-`) && !values.has('disable'),
  );
  return {
    nodes: jobs.flatMap(job => sectionValue(job, 'target') ?? []),
    evidence: jobs.flatMap(({ type, id }) => textEvidence(texts.replication, new RegExp(`^${type}:\\s*${id}\\s*$`))),
  };
}

/** Members by corosync's own list, and whoever has guests or has published. */
function otherNodes({ texts, elsewhere, published, inventory }: DoctorView): readonly string[] {
  const members = (texts.corosync?.text ?? '').matchAll(/^\s*name:\s*(\S+)\s*$/gm);
  const names = new Set([
    ...[...members].map(([, name = '']) => name),
    ...elsewhere.map(({ node }) => node),
    ...published.map(({ node }) => node),
  ]);
  names.delete(inventory.node);
  return [...names].sort();
}
