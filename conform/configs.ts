// Compares our reading and rewriting of VM configs with what Proxmox's own code made of them.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { editGuestConfigText, encodeGuestConfigText, parseGuestConfigText } from '#proxmox/guest-config-text.ts';
import { rewriteVmConfig } from '#proxmox/rewrite-vm-config.ts';
import { VM_CONFIG_SCHEMA, type VmConfigSchema } from '#proxmox/vm-config-schema.ts';
import { type ConfigSection, parseVmConfig, type VmConfigView } from '#proxmox/vm-config-view.ts';
import { readJsonLines, readTexts } from './read-corpus.ts';
import type { ConformResult } from './result.ts';

interface ConfigCase {
  readonly text: string;
  readonly parsed: unknown;
  readonly rewritten: string;
  readonly warnings: readonly string[];
  readonly digest: string;
}

interface NumaCase {
  readonly conf: Readonly<Record<string, string | number>>;
  /** `numaN` keys whose lines Proxmox drops when it reads the file. */
  readonly droppedLines: readonly string[];
}

interface NamedText {
  readonly name: string;
  readonly text: string;
}

/** A case and what is wrong with it; null when we agree. */
interface Verdict {
  readonly case: string;
  readonly detail: string | null;
}

const ORACLE_KEYS = new Set(
  `affinity args balloon cores cpulimit description hookscript hugepages keephugepages lock memory name numa parent snaptime sockets vcpus
  numa0 numa1 numa2 numa3 numa4 numa5 numa6 numa7`.split(/\s+/),
);

/** The code that was recorded knew only these keys, and was told that every VM has a cloud-init drive. */
const ORACLE_SCHEMA: VmConfigSchema = {
  valueKind: key => (ORACLE_KEYS.has(key) ? VM_CONFIG_SCHEMA.valueKind(key) : undefined),
  keepsCloudInit: () => true,
};

export async function runConfigs(corpora: string): Promise<ConformResult> {
  const pve = join(corpora, 'pve');
  const recorded = readJsonLines(join(pve, 'config-parse.jsonl')) as readonly ConfigCase[];
  const numaCases = readJsonLines(join(pve, 'memory-config.jsonl')) as readonly NumaCase[];
  const inputs = readTexts(join(pve, 'parse-config-input'), '.conf');
  const texts = [
    ...recorded.map(({ text }, index) => ({ name: `config-parse.jsonl:${index + 1}`, text })),
    ...[
      'cfg2cmd',
      'parse-config-input',
      'parse-config-expected',
      'restore-config-input',
      'restore-config-expected',
    ].flatMap(directory =>
      readTexts(join(pve, directory), '.conf').map(({ name, text }) => ({ name: `${directory}/${name}`, text })),
    ),
  ];
  const verdicts = [
    ...recorded.map(compareRecorded),
    ...compareRewrites(inputs, readTexts(join(pve, 'parse-config-expected'), '.conf')),
    ...numaCases.map(compareDroppedLines),
    ...texts.map(compareRoundTrip),
    ...texts.map(compareEdit),
  ];
  const disagreements = verdicts.flatMap(({ case: name, detail }) => (detail === null ? [] : [{ case: name, detail }]));
  return {
    part: 'configs',
    agree: verdicts.length - disagreements.length,
    total: verdicts.length,
    exceptions: [],
    disagreements,
  };
}

function compareRecorded({ text, parsed, rewritten, warnings, digest }: ConfigCase, index: number): Verdict {
  const view = parseVmConfig(text, ORACLE_SCHEMA);
  const found = {
    parsed: describeView(view),
    // The recording trims the ends of warnings.
    warnings: view.warnings.map(({ message }) => `vm 100 - ${message}`.trimEnd()),
    rewritten: rewriteVmConfig(text, ORACLE_SCHEMA),
    digest: createHash('sha1').update(text, 'latin1').digest('hex'),
  };
  const detail = explainDifference({ parsed: sortKeys(parsed), warnings, rewritten, digest }, found);
  return { case: `config-parse.jsonl:${index + 1}`, detail };
}

/** Where no file is expected, Proxmox leaves the input as it is. */
function compareRewrites(inputs: readonly NamedText[], expected: readonly NamedText[]): readonly Verdict[] {
  return inputs.map(({ name, text }) => {
    const wanted = expected.find(candidate => candidate.name === name)?.text ?? text;
    return {
      case: `parse-config-input/${name} rewritten`,
      detail: explainDifference(wanted, rewriteVmConfig(text, VM_CONFIG_SCHEMA)),
    };
  });
}

function compareDroppedLines({ conf, droppedLines }: NumaCase, index: number): Verdict {
  const text = Object.entries(conf).map(([key, value]) => `${key}: ${value}\n`);
  const { main } = parseVmConfig(text.join(''), VM_CONFIG_SCHEMA);
  const dropped = Object.keys(conf).filter(key => !main.values.has(key));
  return {
    case: `memory-config.jsonl:${index + 1} dropped lines`,
    detail: explainDifference(droppedLines.toSorted(), dropped.toSorted()),
  };
}

function compareRoundTrip({ name, text }: NamedText): Verdict {
  return {
    case: `${name} byte for byte`,
    detail: explainDifference(text, encodeGuestConfigText(parseGuestConfigText(text))),
  };
}

/** One value set, one removed: all other lines must be there as they were, in their order. */
function compareEdit({ name, text }: NamedText): Verdict {
  const edited = editGuestConfigText(text, { section: 'main', set: new Map([['affinity', '2-5']]), remove: ['numa0'] });
  const others = (config: string) => {
    const lines = parseGuestConfigText(config).map(line => line.text);
    const header = lines.findIndex(line => /^\[[^\]]*\]\s*$/.test(line));
    const mainLines = header === -1 ? lines : lines.slice(0, header);
    return [...mainLines.filter(line => !/^(affinity|numa0):/.test(line)), ...lines.slice(mainLines.length)];
  };
  const { main } = parseVmConfig(edited, VM_CONFIG_SCHEMA);
  return {
    case: `${name} edited`,
    detail: explainDifference(
      { lines: others(text), affinity: '2-5', numa0: null },
      { lines: others(edited), affinity: main.values.get('affinity'), numa0: main.values.get('numa0') ?? null },
    ),
  };
}

function describeView({ main, pending, special, snapshots }: VmConfigView): unknown {
  const describeAll = (sections: ReadonlyMap<string, ConfigSection>) =>
    Object.fromEntries([...sections].map(([name, { values }]) => [name, Object.fromEntries(values)]));
  return sortKeys({
    ...Object.fromEntries(main.values),
    pending: Object.fromEntries(pending?.values ?? []),
    snapshots: describeAll(snapshots),
    'special-sections': describeAll(special),
  });
}

function explainDifference(expected: unknown, actual: unknown): string | null {
  const [wanted, got] = [JSON.stringify(expected), JSON.stringify(actual)];
  return wanted === got ? null : `expected ${wanted}, got ${got}`;
}

function sortKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, sortKeys(inner)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}
