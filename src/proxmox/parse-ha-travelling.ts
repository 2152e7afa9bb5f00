// Which VMs high availability may start on, or move to, another node than this one: their configs go with them.
import { type VmId, vmId } from '#domain/ids.ts';
import { findHaResource, type HaTexts, isHaManaged } from './ha-rules.ts';
import { parseSections } from './parse-sections.ts';

/**
 * Every VM resource, also one that is to be stopped now: a start is one click away. Not those that the manager ignores, nor those
 * that a strict rule keeps on this node alone.
 */
export function parseHaTravelling(texts: HaTexts, node: string): ReadonlySet<VmId> {
  const sections = parseSections(texts.resources ?? '').filter(
    ({ type, id }) => type === 'vm' && /^[1-9]\d{2,8}$/.test(id) && isHaManaged(`vm:${id}`, texts),
  );
  return new Set(
    sections.flatMap(({ id }) => {
      const rule = findHaResource(`vm:${id}`, texts)?.rule;
      const staysHere = rule?.strict === true && rule.nodes.every(name => name === node);
      return staysHere ? [] : [vmId(Number(id))];
    }),
  );
}
