// A line of a container's config, of which the inventory keeps only what placing it needs.
import type { Evidence } from '#domain/doctor-finding.ts';
import type { ExaminedContainer } from './doctor-view.ts';

interface ContainerLine {
  readonly value: string;
  readonly evidence: Evidence;
}

/** `cores: 2` or `lxc.cgroup2.cpuset.cpus = 0-3` of the main section, the last one if there are several; null when there is none. */
export function containerLine({ source: { file, text } }: ExaminedContainer, key: string): ContainerLine | null {
  const lines = text.split('\n');
  const header = lines.findIndex(line => line.startsWith('['));
  const main = header === -1 ? lines : lines.slice(0, header);
  const index = main.findLastIndex(line => line.startsWith(key) && /^[ \t]*[:=]/.test(line.slice(key.length)));
  const line = main[index];
  if (line === undefined) return null;
  return {
    value: line
      .slice(key.length)
      .replace(/^[ \t]*[:=]/, '')
      .trim(),
    evidence: { file, line: index + 1, text: line },
  };
}

/** The line, or the file as a whole where what matters is that there is no such line. */
export const lineOrFile = (container: ExaminedContainer, key: string): Evidence =>
  containerLine(container, key)?.evidence ?? { file: container.source.file, line: null, text: '' };
