// `lscpu -J` and `lscpu -J -e`: the summary and the table as JSON.
import { makeRow } from './lscpu-row.ts';
import { makeTopologyFromRows } from './lscpu-table.ts';
import { type JsonNode, parseJsonText } from './parse-json-text.ts';
import { makeTopologyFromSummary, type SummaryEntry } from './parse-lscpu-summary.ts';
import { failAt } from './pasted-lines.ts';
import type { PastedParts } from './pasted-parts.ts';

/** `{"lscpu": [{"field": "CPU(s):", "data": "8"}]}` or `{"cpus": [{"cpu": 0, …}]}`. @throws ParseError with the line. */
export function parseLscpuJson(text: string): PastedParts {
  const root = parseJsonText(text);
  const members = membersOf(root);
  const fields = members.get('lscpu');
  const cpus = members.get('cpus');
  if (members.size === 1 && fields) return makeTopologyFromSummary(elementsOf(fields).flatMap(makeEntries));
  if (members.size === 1 && cpus) return parseCpus(cpus);
  return failAt(root.line, 'Expected the JSON of lscpu: an object with "lscpu" or "cpus"');
}

/** Newer versions put fields below others. */
function makeEntries(field: JsonNode): readonly SummaryEntry[] {
  const members = membersOf(field);
  const label = members.get('field')?.value;
  const data = members.get('data')?.value ?? '';
  if (typeof label !== 'string' || typeof data !== 'string') {
    return failAt(field.line, 'Expected an object with "field" and "data"');
  }
  const children = members.get('children');
  const entry = {
    label: label
      .trim()
      .replace(/[:：]$/, '')
      .trim(),
    value: data.trim(),
    line: field.line,
  };
  return [entry, ...(children ? elementsOf(children).flatMap(makeEntries) : [])];
}

function parseCpus(cpus: JsonNode): PastedParts {
  const columns = new Set<string>();
  const rows = elementsOf(cpus).map(cpu => {
    const cells = [...membersOf(cpu)].map(([column, { value, line }]): [string, string | null] => {
      if (value !== null && typeof value !== 'string') return failAt(line, `Expected one value for "${column}"`);
      columns.add(column);
      return [column, value];
    });
    return makeRow(cpu.line, cells);
  });
  if (rows.length === 0) failAt(cpus.line, 'The table has no rows');
  return makeTopologyFromRows('lscpu -e', rows, [...columns]);
}

function membersOf({ value, line }: JsonNode): ReadonlyMap<string, JsonNode> {
  return value instanceof Map ? value : failAt(line, 'Expected an object');
}

function elementsOf({ value, line }: JsonNode): readonly JsonNode[] {
  return Array.isArray(value) ? value : failAt(line, 'Expected an array');
}
