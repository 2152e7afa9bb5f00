// Damaged machines: whatever is done to the files of a real one, reading ends in a topology or in an error that names a file.
import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { ParseError } from '#domain/errors.ts';
import { cpuSet } from '#domain/id-set.ts';
import type { TextTree } from '#domain/text-tree.ts';
import { makeTextTree } from '#fixtures/text-tree.ts';
import { openHost } from '#host/open-host.ts';
import { parseNodeMemory } from '#topology/parse-node-memory.ts';
import { parsePciDevices } from '#topology/parse-pci-devices.ts';
import { parseTopology } from '#topology/parse-topology.ts';
import { visitMachines } from './unpack-machines.ts';

const corpora = process.env.BERTH_CORPORA ?? '../shared/corpora';
const hasCorpora = existsSync(corpora) || process.env.CI === 'true';
/** `BERTH_FUZZ=1000000` for a long run by hand; another `BERTH_FUZZ_SEED` for another one. */
const ROUNDS = Number(process.env.BERTH_FUZZ ?? 4000);
const SEED = Number(process.env.BERTH_FUZZ_SEED ?? 1);
/** Larger machines have more of the same files. */
const MOST_FILES = 1500;

/** The files that were read of a machine, and nothing else of it. */
interface Machine {
  readonly name: string;
  readonly files: ReadonlyMap<string, string>;
  readonly paths: readonly string[];
  readonly tree: TextTree;
}

const machines: Machine[] = [];

beforeAll(() => {
  if (!hasCorpora) return;
  visitMachines(corpora, ({ name, root }) => {
    const host = openHost(root);
    const files = new Map<string, string>();
    const recording: TextTree = {
      list: path => host.list(path),
      read: path => {
        const text = host.read(path);
        if (text !== null) files.set(path, text);
        return text;
      },
    };
    readAll(recording);
    if (files.size <= MOST_FILES) machines.push({ name, files, paths: [...files.keys()], tree: makeTextTree(files) });
  });
});

function readAll(tree: TextTree): void {
  const topology = parseTopology(tree);
  const { memory } = parseNodeMemory(tree, topology);
  parsePciDevices(tree, topology);
  for (const domains of [topology.cores, topology.packages, topology.nodes]) {
    const members = domains.flatMap(domain => domain.cpus.ids);
    if (members.length !== topology.online.size || !cpuSet(members).equals(topology.online)) {
      throw new Error('the domains are no partition of the online CPUs');
    }
  }
  if (memory.some(({ totalMiB, freeMiB }) => !Number.isInteger(totalMiB) || !Number.isInteger(freeMiB))) {
    throw new Error('an amount of memory is no number');
  }
}

/** Whole numbers below a bound, the same ones for the same seed (mulberry32). */
function makeDice(seed: number): (below: number) => number {
  let state = seed;
  return below => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

type Dice = ReturnType<typeof makeDice>;

const PIECES = [
  '',
  '\n',
  '\0',
  ',',
  '-',
  '0',
  '-1',
  '3-1',
  '0-65535',
  '65536',
  '99999999999999999999',
  '0x',
  ' kB',
  'ÿ',
];

/** A file's text cut off, doubled, with a piece or a byte put into it; or null, for a file that is gone. */
const DAMAGES: readonly ((text: string, other: string, dice: Dice) => string | null)[] = [
  (text, _, dice) => text.slice(0, dice(text.length + 1)),
  (_, other) => other,
  (text, _, dice) => replaceAt(text, dice, String.fromCharCode(dice(256))),
  (text, _, dice) => replaceAt(text, dice, PIECES[dice(PIECES.length)] ?? ''),
  (_, __, dice) => PIECES[dice(PIECES.length)] ?? '',
  (_, __, dice) => Array.from({ length: dice(20) }, () => String.fromCharCode(dice(256))).join(''),
  text => text + text,
  () => null,
];

function replaceAt(text: string, dice: Dice, piece: string): string {
  const at = dice(text.length + 1);
  return text.slice(0, at) + piece + text.slice(at + dice(2));
}

/** Rebuilding the tree of thousands of files would take longer than reading it. */
function damage({ paths, files, tree }: Machine, dice: Dice): TextTree {
  const damaged = new Map<string, string | null>();
  for (let count = 1 + dice(3); count > 0; count--) {
    const [path = '', other = ''] = [paths[dice(paths.length)], paths[dice(paths.length)]];
    damaged.set(path, DAMAGES[dice(DAMAGES.length)]?.(files.get(path) ?? '', files.get(other) ?? '', dice) ?? null);
  }
  return {
    read: path => (damaged.has(path) ? (damaged.get(path) ?? null) : tree.read(path)),
    list: path => tree.list(path).filter(name => damaged.get(`${path}/${name}`) !== null),
  };
}

describe.skipIf(!hasCorpora)('a damaged machine', () => {
  it(`is read or refused with the name of a file, ${ROUNDS} times`, { timeout: 24 * 3600_000 }, () => {
    const dice = makeDice(SEED);
    let refused = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const machine = machines[dice(machines.length)];
      if (machine === undefined) throw new Error('there is no machine to damage');
      try {
        readAll(damage(machine, dice));
      } catch (error) {
        const isLocated = error instanceof ParseError && error.position.file?.startsWith('/') === true;
        if (!isLocated) throw new Error(`round ${round} of seed ${SEED}, ${machine.name}`, { cause: error });
        refused++;
      }
    }
    // Neither did all damage go unnoticed, nor was everything refused for one reason.
    expect(refused).toBeGreaterThan(ROUNDS / 20);
    expect(refused).toBeLessThan(ROUNDS * 0.9);
  });
});
