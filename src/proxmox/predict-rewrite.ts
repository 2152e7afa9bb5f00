// Which lines of a VM config Proxmox will drop or reformat the next time it writes the file.
import { decodeComment, encodeComment } from './config-comment.ts';
import { trimSpaceEnd } from './perl-space.ts';
import { makeWrittenSections, type WrittenSection } from './rewrite-vm-config.ts';
import type { VmConfigSchema } from './vm-config-schema.ts';
import { parseVmConfig } from './vm-config-view.ts';

export interface RewrittenLine {
  /** From 1. */
  readonly line: number;
  readonly before: string;
  /** Null when the line will be gone. */
  readonly after: string | null;
}

/** In the order of the file. Moved lines and blank lines are not listed: sorting loses nothing. */
export function predictRewrite(text: string, schema: VmConfigSchema): readonly RewrittenLine[] {
  const lines = text.split('\n');
  const sections = makeWrittenSections(parseVmConfig(text, schema), schema);
  const fates = new Map(sections.flatMap(section => [...traceSection(section, lines)]));
  return lines.flatMap((before, index) => {
    const after = fates.get(index + 1) ?? null;
    return trimSpaceEnd(before) === '' || before === after ? [] : [{ line: index + 1, before, after }];
  });
}

/** What becomes of the lines that the section came from, by number; the header of the main section has none. */
function traceSection(
  { source, header, description, values }: WrittenSection,
  lines: readonly string[],
): ReadonlyMap<number | null, string | null> {
  const fates = new Map<number | null, string | null>([[source.headerLine, header]]);
  for (const [key, line] of source.lineOf) {
    const value = values.get(key);
    if (value !== undefined) fates.set(line, `${key}: ${value}`);
  }
  for (const line of source.descriptionLines) {
    const comment = decodeComment((lines[line - 1] ?? '').replace(/^#|^description:[ \t\r\f\v]*/, ''));
    const forms = [comment, trimSpaceEnd(comment)].map(form => `#${encodeComment(form)}`);
    fates.set(line, forms.find(form => description.includes(form)) ?? null);
  }
  return fates;
}
