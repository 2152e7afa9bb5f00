// The summary that plain `lscpu` prints, in any version and language.
import { parseCpuList, parseCpuMask } from '#domain/id-list.ts';
import { type CpuSet, cpuSet, unionOf } from '#domain/id-set.ts';
import { numaNodeId } from '#domain/ids.ts';
import { atLine, failAt, type PastedLine, parseId, splitLines } from './pasted-lines.ts';
import { type NodeCpus, withoutContested } from './pasted-nodes.ts';
import type { PastedParts } from './pasted-parts.ts';

export interface SummaryEntry {
  /** Without its colon. */
  readonly label: string;
  readonly value: string;
  readonly line: number;
}

/**
 * `CPU(s): 8`, `On-line CPU(s) list: 0-7`, … `NUMA node0 CPU(s): 0-7`; on terminals sections are indented and long values wrapped.
 * Labels are translated, values and their order are not: the CPU count is the first bare number, the lists follow it,
 * and every language keeps the word NUMA.
 * @throws ParseError with the line.
 */
export function parseLscpuSummary(text: string): PastedParts {
  const entries = splitEntries(splitLines(text));
  const parts = makeTopologyFromSummary(entries);
  const last = entries.at(-1);
  if (last && nodeOfLabel(last.label) !== null && !text.endsWith('\n')) checkComplete(parts, last.line);
  return parts;
}

/** Only here a list can be cut and still be one: what it lacks is missing in all nodes. */
function checkComplete({ online, nodes }: PastedParts, line: number): void {
  const homes = (nodes ?? []).map(({ cpus }) => cpus);
  // Which CPUs are in contested nodes is not known.
  if (online === null || homes.includes(null)) return;
  const homeless = online.difference(unionOf(homes.filter(cpus => cpus !== null)));
  if (!homeless.isEmpty) failAt(line, `The text ends here, and no node has CPU ${homeless.first}: it is cut`);
}

/** @throws ParseError with the line. */
export function makeTopologyFromSummary(entries: readonly SummaryEntry[]): PastedParts {
  const { present, online, form } = parseCpus(entries);
  const contested: string[] = [];
  const listed = parseNodes(entries, form)?.map(node => ({ ...node, cpus: keepOnline(node.cpus, online) }));
  const nodes = listed === undefined ? null : withoutContested(listed, contested);
  const model = parseModel(entries);
  const counts = entries
    .filter(({ label, value }) => /^(Thread|Core|Socket|Cluster)\(s\)|^L\d[a-z]?( cache)?$/.test(label) && value !== '')
    .map(({ label, value }) => `${label.replace(/\(s\)/g, 's')} ${value}`);
  const counted = counts.length === 0 ? '' : ` (it says: ${counts.join(', ')})`;
  return {
    tool: 'lscpu',
    present,
    online,
    model,
    packages: null,
    llcs: null,
    cores: null,
    nodes: nodes?.map(node => ({ ...node, memoryMiB: null, distances: new Map() })) ?? null,
    unknown: [
      `packages, LLC domains, cores and thread siblings: lscpu counts them and does not say which CPUs they have${counted}`,
      ...(online ? [] : ['present and online CPUs: this version of lscpu does not list them']),
      ...(model === null ? ['model: there is no line that is known to hold it'] : []),
      ...contested,
      nodes ? 'memory of nodes and distances: lscpu does not print them' : 'NUMA nodes: lscpu lists none',
    ],
  };
}

/** Some kernels list offline CPUs in nodes. */
const keepOnline = (cpus: CpuSet, online: CpuSet | null): CpuSet => (online ? cpus.intersection(online) : cpus);

function splitEntries(lines: readonly PastedLine[]): readonly SummaryEntry[] {
  const entries: SummaryEntry[] = [];
  for (const { text, number } of lines) {
    const before = entries.at(-1);
    const isWrapped = /^\s{8}/.test(text);
    if (isWrapped && before) entries[entries.length - 1] = { ...before, value: before.value + text.trim() };
    else entries.push(splitEntry(text.trim(), number));
  }
  return entries;
}

/** Some translations lack the colon; Chinese ones have a wide colon, French ones a blank before it. */
function splitEntry(text: string, line: number): SummaryEntry {
  if (/^(available: \d+ node|node (\d+ (cpus|size|free):|distances:))/.test(text)) {
    failAt(line, `"${text.slice(0, 40)}" is from numactl, the lines before it from lscpu`);
  }
  const [, label, value = ''] =
    /^([^:：#<{]+?)\s*[:：](?:\s+(.*))?$/.exec(text) ?? /^([^:：#<{]+?)\s+(\S+)$/.exec(text) ?? [];
  if (label === undefined)
    return failAt(line, `Expected "label: value" as lscpu prints it, found "${text.slice(0, 40)}"`);
  return { label, value, line };
}

interface Cpus {
  readonly present: CpuSet | null;
  readonly online: CpuSet | null;
  readonly form: SetForm;
}

/** How an output writes sets of CPUs. */
interface SetForm {
  readonly looks: RegExp;
  parse(entry: SummaryEntry): CpuSet;
}

function parseCpus(entries: readonly SummaryEntry[]): Cpus {
  const position = entries.findIndex(({ value }) => /^\d+$/.test(value));
  const count = entries[position];
  if (!count) return failAt(entries.at(-1)?.line ?? 1, 'The text ends here: expected lscpu to count the CPUs');
  const again = entries.slice(position + 1).find(({ label }) => label === count.label);
  if (again) failAt(again.line, `"${again.label}" occurs again, first in line ${count.line}: are these two outputs?`);
  const [next, afterNext] = entries.slice(position + 1);
  if (!next) return failAt(count.line, 'The text ends here: expected the list of CPUs that are online');
  if (next.label.startsWith('Thread')) return { present: null, online: null, form: LISTS };
  const form = /mask/i.test(next.label) || /[a-fx]/i.test(next.value) ? MASKS : LISTS;
  const online = form.parse(next);
  const total = parseId(count.value, count.line, 'a number of CPUs');
  if (!online.isEmpty && online.size === total) return { present: online, online, form };
  const offline = afterNext && form.looks.test(afterNext.value) ? form.parse(afterNext) : cpuSet();
  const present = online.union(offline);
  if (!online.isEmpty && present.size === total) return { present, online, form };
  const reason = `lscpu counts ${total} CPUs, and its lists do not name as many: the text is cut or mixed`;
  return failAt(next.line, reason);
}

/** `0-7`. */
const LISTS: SetForm = {
  looks: /^[\d,-]*\d$/,
  parse: ({ value, line }) => atLine(line, () => parseCpuList(value)),
};

/** `ff` or `0xff`, of `lscpu --hex`, without commas however long. */
const MASKS: SetForm = {
  looks: /^(0x)?[\da-f,]+$/i,
  parse: ({ value, line }) => {
    const digits = value.replace(/^0x/, '').replaceAll(',', '');
    return atLine(line, () => parseCpuMask(digits.replace(/(?<=.)(?=(.{8})+$)/g, ',')));
  },
};

/** `NUMA node0 CPU(s)`, `NUMA-Knoten0 CPU(s)`, `Вузол 0 NUMA`: null for every other label. */
function nodeOfLabel(label: string): string | null {
  const numbers = /NUMA/i.test(label) ? label.match(/\d+/g) : null;
  return numbers?.length === 1 ? numbers[0] : null;
}

function parseNodes(entries: readonly SummaryEntry[], form: SetForm): readonly NodeCpus[] | null {
  const nodes = new Map<number, NodeCpus>();
  for (const entry of entries) {
    const number = nodeOfLabel(entry.label);
    if (number === null) continue;
    const id = parseId(number, entry.line, 'the number of a node');
    if (nodes.has(id)) failAt(entry.line, `Node ${id} occurs twice: are these two outputs?`);
    nodes.set(id, { id: numaNodeId(id), cpus: form.parse(entry) });
  }
  const count = entries.find(({ label, value }) => /NUMA/i.test(label) && !/\d/.test(label) && /^\d+$/.test(value));
  if (count && Number(count.value) !== nodes.size) {
    const end = entries.at(-1)?.line ?? count.line;
    failAt(end, `lscpu counts ${count.value} NUMA nodes, line ${count.line}, and lists ${nodes.size}: the text is cut`);
  }
  return nodes.size === 0 ? null : [...nodes.values()].sort((a, b) => a.id - b.id);
}

/** "Model name" in the languages of lscpu. */
const MODEL_LABELS: readonly string[] = [
  'Model name',
  'Název modelu',
  'Modelnavn',
  'Modellname',
  'Nombre del modelo',
  'Mallinimi',
  'Nom de modèle',
  'Ime modela',
  'モデル名',
  'Modelnaam',
  'Nazwa modelu',
  'Nome do modelo',
  'Имя модели',
  'Modellnamn',
  'Modem ismi',
  'Назва моделі',
  'Tên mô hình',
  '型号名称',
];

/** Machines with unlike processors have several. */
function parseModel(entries: readonly SummaryEntry[]): string | null {
  const names = entries.filter(({ label, value }) => MODEL_LABELS.includes(label) && value !== '');
  return names.length === 0 ? null : [...new Set(names.map(({ value }) => value))].join(' + ');
}
