// The `numaN` lines with which a VM will start next, and how one is changed.
import { ParseError } from '#domain/errors.ts';
import type { GuestNumaNode } from '#domain/guest.ts';
import { type NodeSet, nodeSet } from '#domain/id-set.ts';
import { numaKeys } from '#proxmox/numa-entry.ts';
import { parseNumaLine } from '#proxmox/numa-line.ts';
import { type ConfigValues, isSet } from '#proxmox/start-values.ts';
import type { ExaminedVm } from './doctor-view.ts';

export interface NumaLine extends Omit<GuestNumaNode, 'hostNodes'> {
  readonly key: string;
  readonly text: string;
  readonly hostNodes: NodeSet;
}

/** None without `numa: 1`: Proxmox then looks at no line. */
export function countedLines({ next }: Pick<ExaminedVm, 'next'>): readonly NumaLine[] {
  return isSet(next, 'numa') ? numaLines(next) : [];
}

/** A line that stops every start (a reversed range) is left out. */
function numaLines(values: ConfigValues): readonly NumaLine[] {
  return numaKeys(values).flatMap(key => {
    const text = values.get(key) ?? '';
    try {
      const node = parseNumaLine(Number(key.slice('numa'.length)), text);
      return [{ ...node, key, text, hostNodes: nodeSet(node.hostNodes) }];
    } catch (error) {
      if (error instanceof ParseError) return [];
      throw error;
    }
  });
}

const LINE_WARNING = /^unable to parse value of '(numa[0-7])' /;

/** Lines that Proxmox cannot read and drops, where no other line with that key takes their place. */
export function droppedLines({
  config,
  next,
}: ExaminedVm): ReadonlyArray<{ readonly key: string; readonly line: number }> {
  const copies = [...config.special.values(), ...config.snapshots.values()];
  const end = Math.min(...copies.map(({ headerLine }) => headerLine ?? Number.POSITIVE_INFINITY));
  return config.warnings.flatMap(({ line, message }) => {
    const key = LINE_WARNING.exec(message)?.[1];
    return key === undefined || line > end || next.has(key) ? [] : [{ key, line }];
  });
}

/** `cpus=0-3,memory=4096` with another value for one property, in its place. */
export function withProperty(text: string, name: string, value: string): string {
  const parts = text.split(',');
  const isNamed = (part: string) => part.trim().startsWith(`${name}=`);
  if (!parts.some(isNamed)) return `${text},${name}=${value}`;
  return parts.map(part => (isNamed(part) ? `${name}=${value}` : part)).join(',');
}
