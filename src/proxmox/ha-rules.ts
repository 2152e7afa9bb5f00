// Whether the high-availability manager has a guest, and on which nodes it may be: `/etc/pve/ha/{resources,rules,groups}.cfg`.
import { parseSections, sectionValue, splitNodes } from './parse-sections.ts';

export interface HaTexts {
  readonly resources: string | null;
  readonly rules: string | null;
  /** Proxmox VE 8; later versions turn groups into rules. */
  readonly groups: string | null;
}

export interface HaRule {
  readonly name: string;
  readonly nodes: readonly string[];
  /** Never elsewhere; otherwise it moves back when it can. */
  readonly strict: boolean;
}

export interface HaResource {
  /** `vm:100`, `ct:200`. */
  readonly resource: string;
  readonly rule: HaRule | null;
}

/** Null when the guest is not managed. Only rules about nodes count; `disable` switches one off. */
export function findHaResource(resource: string, { resources, rules, groups }: HaTexts): HaResource | null {
  const [type, id] = resource.split(':');
  const section = parseSections(resources ?? '').find(candidate => candidate.type === type && candidate.id === id);
  if (section === undefined) return null;
  const rule = parseSections(rules ?? '').find(
    candidate =>
      candidate.type === 'node-affinity' &&
      !candidate.values.has('disable') &&
      (sectionValue(candidate, 'resources') ?? '').split(/[\s,;]/).includes(resource),
  );
  const group = parseSections(groups ?? '').find(candidate => candidate.id === sectionValue(section, 'group'));
  const found = rule ?? group;
  if (found === undefined) return { resource, rule: null };
  const strict = sectionValue(found, rule ? 'strict' : 'restricted') === '1';
  return { resource, rule: { name: found.id, nodes: splitNodes(sectionValue(found, 'nodes') ?? ''), strict } };
}

/** True when the manager starts and stops this guest. */
export function isHaManaged(resource: string, { resources }: HaTexts): boolean {
  const [type, id] = resource.split(':');
  const section = parseSections(resources ?? '').find(candidate => candidate.type === type && candidate.id === id);
  return section !== undefined && sectionValue(section, 'state') !== 'ignored';
}
