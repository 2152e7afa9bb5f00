// Reads every recorded output of lscpu, lstopo and numactl, and compares what two of them, or the machine's files, both tell.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ParseError } from '#domain/errors.ts';
import type { PastedTopology } from '#domain/pasted-topology.ts';
import { openHost } from '#host/open-host.ts';
import { parsePastedText } from '#topology/parse-pasted-text.ts';
import { parseTopology } from '#topology/parse-topology.ts';
import { readTexts } from './read-corpus.ts';
import type { ConformResult } from './result.ts';
import { findTextException, findUnneededExceptions } from './text-exceptions.ts';
import { compareFacts, type Facts, makeFacts, type TextCase } from './text-facts.ts';
import { visitMachines } from './unpack-machines.ts';

/** One case for each text that is to be read, and one for each fact that two sources of one machine both tell. */
export async function runTexts(corpora: string): Promise<ConformResult> {
  const cases = [...listTexts(corpora).flatMap(readLoneText), ...compareMachines(corpora)];
  const failing = cases.flatMap(({ name, detail }) => (detail === null ? [] : [{ case: name, detail }]));
  const judged = failing.map(found => ({ ...found, reason: findTextException(found.case) }));
  return {
    part: 'texts',
    agree: cases.length - failing.length,
    total: cases.length,
    exceptions: judged.flatMap(({ case: name, reason }) => (reason === null ? [] : [{ case: name, reason }])),
    disagreements: [
      ...judged.flatMap(({ case: name, detail, reason }) => (reason === null ? [{ case: name, detail }] : [])),
      ...findUnneededExceptions(
        cases.flatMap(({ name, detail }) => (detail === null ? [name] : [])),
        failing.map(found => found.case),
      ),
    ],
  };
}

interface NamedText {
  readonly name: string;
  readonly text: string;
}

/** The texts of machines whose files we do not have. */
function listTexts(corpora: string): readonly NamedText[] {
  const below = (folder: string, ending: string): readonly NamedText[] =>
    existsSync(join(corpora, folder))
      ? readTexts(join(corpora, folder), ending).map(({ name, text }) => ({ name: `${folder}/${name}`, text }))
      : [];
  const xmlFolders = ['flux-core', 'flux-sched', 'hwloc-x86', 'hwloc-xml', 'mpibind', 'prrte', 'psmgmt'];
  return [
    ...below('text/linuxhw-lscpu', '.txt'),
    ...below('text/ohai', '.output').filter(({ name }) => !name.includes('/cpuinfo')),
    ...below('text/rhv-pinning', '.txt'),
    ...below('text/vdsm', '.out'),
    ...xmlFolders.flatMap(folder => below(`lstopo-xml/${folder}`, '.xml')),
    ...below('oracle/hwloc3-expected', '.xml'),
    ...below('oracle/util-linux-expected', '').flatMap(splitSections),
  ];
}

/** The files of util-linux hold a summary and two tables, the second with the numbers of the hardware. */
function splitSections({ name, text }: NamedText): readonly NamedText[] {
  return text
    .trim()
    .split(/\n\n+/)
    .map((section, index) => ({ name: `${name}#${index + 1}`, text: `${section}\n` }));
}

function readLoneText({ name, text }: NamedText): readonly TextCase[] {
  const { detail } = readText(name, text);
  return [{ name, detail }];
}

function readText(
  name: string,
  text: string,
): { readonly topology: PastedTopology | null; readonly detail: string | null } {
  try {
    return { topology: parsePastedText(Buffer.from(text, 'latin1').toString('utf8'), name), detail: null };
  } catch (error) {
    if (!(error instanceof ParseError) || error.position.line === undefined) throw error;
    return { topology: null, detail: error.message };
  }
}

const TOOL_FILES = [
  'lstopo.xml',
  'lscpu-p.txt',
  'lscpu-e.txt',
  'lscpu-Je.json',
  'lscpu.txt',
  'lscpu-J.json',
  'numactl-H.txt',
];

function compareMachines(corpora: string): readonly TextCase[] {
  const texts = new Map(
    TOOL_FILES.flatMap(ending => readTexts(join(corpora, 'oracle'), `.${ending}`)).map(({ name, text }) => [
      name,
      text,
    ]),
  );
  const cases: TextCase[] = [];
  visitMachines(corpora, ({ name, root }) => {
    const known: Facts[] = [makeFacts('sysfs', parseTopology(openHost(root)))];
    for (const ending of TOOL_FILES) {
      const file = `${name}.${ending}`;
      const text = texts.get(file);
      if (text === undefined) continue;
      const { topology, detail } = readText(file, text);
      cases.push({ name: file, detail });
      if (topology === null) continue;
      const facts = makeFacts(ending, topology);
      for (const other of known) cases.push(...compareFacts(name, other, facts));
      known.push(facts);
    }
  });
  return cases;
}
