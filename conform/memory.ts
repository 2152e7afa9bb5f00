// Compares the memory arguments, errors, dropped lines and hugepages that we predict with what Proxmox's own code made.
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { cpuSet, nodeSet } from '#domain/id-set.ts';
import { type HugepagePlan, makeHugepagePlan } from '#proxmox/hugepage-plan.ts';
import { encodeMachineFlags, encodeMemoryArguments } from '#proxmox/memory-arguments.ts';
import type { StartHost } from '#proxmox/start-host.ts';
import { StartRefusal } from '#proxmox/start-problem.ts';
import { VM_CONFIG_SCHEMA } from '#proxmox/vm-config-schema.ts';
import { parseVmConfig } from '#proxmox/vm-config-view.ts';
import { makeVmMemory } from '#proxmox/vm-memory.ts';
import { readJsonLines } from './read-corpus.ts';
import type { ConformResult } from './result.ts';

/** What was asked, and what the start came to; parts that do not apply are absent. */
interface MemoryCase {
  readonly conf: Readonly<Record<string, string | number>>;
  readonly hostNodes: readonly number[];
  readonly memoryHotplug: boolean;
  readonly virtiofs: boolean;
  readonly droppedLines: readonly string[];
  readonly error?: string;
  readonly qemuArgs?: readonly string[];
  readonly machineFlags?: readonly string[];
  readonly hugepagesError?: string;
  readonly hugepages?: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** The recorded machine had pages of every size that some config asks for, `1G` (1 MiB) among them. */
const RECORDED_PAGE_SIZES_KIB = [1, 2, 4, 512, 1024].map(sizeMiB => sizeMiB * 1024);
const RECORDED_ADDRESS_BITS = 40;

export async function runMemory(corpora: string): Promise<ConformResult> {
  const cases = readJsonLines(join(corpora, 'pve/memory-config.jsonl')) as readonly MemoryCase[];
  const disagreements = cases.flatMap((recorded, index) => {
    const predicted = predict(recorded);
    if (isDeepStrictEqual(predicted, recorded)) return [];
    const detail = `expected ${JSON.stringify(recorded)}, got ${JSON.stringify(predicted)}`;
    return [{ case: `memory-config.jsonl:${index + 1}`, detail }];
  });
  return {
    part: 'memory',
    agree: cases.length - disagreements.length,
    total: cases.length,
    exceptions: [],
    disagreements,
  };
}

/** The case as it would have been recorded from us. */
function predict({ conf, hostNodes, memoryHotplug, virtiofs }: MemoryCase): MemoryCase {
  const lines = Object.entries({
    ...conf,
    ...(memoryHotplug ? { hotplug: 'memory' } : {}),
    ...(virtiofs ? { virtiofs0: 'dirid=shared' } : {}),
  }).map(([key, value]) => `${key}: ${value}\n`);
  const { values } = parseVmConfig(lines.join(''), VM_CONFIG_SCHEMA).main;
  const host: StartHost = {
    onlineCpus: cpuSet(Array.from({ length: 1024 }, (_, cpu) => cpu)),
    nodes: nodeSet(hostNodes),
    memoryNodes: nodeSet(hostNodes),
    hugepageSizesKiB: new Set(RECORDED_PAGE_SIZES_KIB),
    physicalAddressBits: RECORDED_ADDRESS_BITS,
  };
  const droppedLines = Object.keys(conf).filter(key => !values.has(key));
  const asked = { conf, hostNodes, memoryHotplug, virtiofs, droppedLines };
  const memory = attempt(() => makeVmMemory(values, host));
  if (typeof memory === 'string') return { ...asked, error: memory };
  const flags = encodeMachineFlags(memory);
  const plan = attempt(() => makeHugepagePlan(values, host));
  return {
    ...asked,
    qemuArgs: encodeMemoryArguments(memory),
    ...(flags.length > 0 ? { machineFlags: flags } : {}),
    ...(typeof plan === 'string' ? { hugepagesError: plan } : {}),
    ...(plan instanceof Map ? { hugepages: describePlan(plan) } : {}),
  };
}

/** The result, or the words with which Proxmox refuses. */
function attempt<Result>(make: () => Result): Result | string {
  try {
    return make();
  } catch (error) {
    if (error instanceof StartRefusal) return error.message;
    throw error;
  }
}

function describePlan(plan: HugepagePlan): Record<string, Record<string, number>> {
  return Object.fromEntries([...plan].map(([size, pages]) => [size, Object.fromEntries(pages)]));
}
