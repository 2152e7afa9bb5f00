// Compares the CPU and memory parts of the QEMU commands that we predict with those in Proxmox's own golden pairs.
import { join } from 'node:path';
import { cpuSet, nodeSet } from '#domain/id-set.ts';
import { encodeMachineFlags, encodeMemoryArguments } from '#proxmox/memory-arguments.ts';
import { encodeSmpArguments } from '#proxmox/smp-arguments.ts';
import type { StartHost } from '#proxmox/start-host.ts';
import { startValues } from '#proxmox/start-values.ts';
import { VM_CONFIG_SCHEMA } from '#proxmox/vm-config-schema.ts';
import { parseVmConfig } from '#proxmox/vm-config-view.ts';
import { makeVmMemory } from '#proxmox/vm-memory.ts';
import { makeVmVcpus } from '#proxmox/vm-vcpus.ts';
import { readTexts } from './read-corpus.ts';
import type { ConformResult } from './result.ts';

/** Larger than any VM in the pairs. */
const HOST: StartHost = {
  onlineCpus: cpuSet(Array.from({ length: 64 }, (_, cpu) => cpu)),
  nodes: nodeSet([0, 1]),
  memoryNodes: nodeSet([0, 1]),
  hugepageSizesKiB: new Set([2048, 1048576]),
  physicalAddressBits: 46,
};

export async function runCommands(corpora: string): Promise<ConformResult> {
  const directory = join(corpora, 'pve/cfg2cmd');
  const configs = new Map(readTexts(directory, '.conf').map(({ name, text }) => [name, text]));
  const commands = readTexts(directory, '.conf.cmd');
  const disagreements = commands.flatMap(({ name, text }) => {
    const expected = describe(parseCommand(text));
    const actual = describe(predict(configs.get(name.replace(/\.cmd$/, '')) ?? ''));
    return expected === actual ? [] : [{ case: name, detail: `expected ${expected}, got ${actual}` }];
  });
  return {
    part: 'commands',
    agree: commands.length - disagreements.length,
    total: commands.length,
    exceptions: [],
    disagreements,
  };
}

interface Argument {
  readonly option: string;
  readonly value: string;
}

function predict(config: string): readonly Argument[] {
  const values = startValues(parseVmConfig(config, VM_CONFIG_SCHEMA).main.values);
  const memory = makeVmMemory(values, HOST);
  const words = [
    ...encodeSmpArguments(makeVmVcpus(values, HOST)),
    ...encodeMemoryArguments(memory),
    ...encodeMachineFlags(memory).flatMap(flag => ['-machine', flag]),
  ];
  return words.flatMap((option, index) => (index % 2 === 0 ? [{ option, value: words[index + 1] ?? '' }] : []));
}

/** One option a line, the value quoted where the shell needs it: `  -smp '2,sockets=1,cores=2,maxcpus=2' \`. */
function parseCommand(text: string): readonly Argument[] {
  return [...text.matchAll(/^ {2}(-\S+)(?: (?:'([^']*)'|(\S+)))?(?: \\)?$/gm)].map(
    ([, option = '', quoted, bare = '']) => ({ option, value: quoted ?? bare }),
  );
}

/** What is ours to predict, in its order. */
function describe(command: readonly Argument[]): string {
  const ours = command.filter(
    ({ option, value }) =>
      ['-m', '-smp', '-numa'].includes(option) ||
      (option === '-object' && value.startsWith('memory-backend')) ||
      (option === '-device' && /^pc-dimm,|-cpu,/.test(value)) ||
      (option === '-machine' && value.includes('memory-backend')),
  );
  return ours.map(({ option, value }) => `${option} ${value}`).join(' ');
}
