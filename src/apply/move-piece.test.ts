// Moving pages past those that cannot be moved, on a kernel that gives up where the real one does.
import { describe, expect, it } from 'vitest';
import { numaNodeId } from '#domain/ids.ts';
import type { Host } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';
import { movePiece } from './move-piece.ts';

const PAGE = 4096;
const BLOCK = 512;
const [EACCES, EBUSY, NO_PAGE] = [-13, -16, -14];
const TARGET = numaNodeId(0);

interface Fake {
  /** By page number. */
  readonly nodes: number[];
  readonly huge?: ReadonlySet<number>;
  readonly held?: ReadonlySet<number>;
  readonly shared?: ReadonlySet<number>;
  /** Pages that node 0 has room for. */
  room?: number;
}

/**
 * As kernel 6.12 was seen to do it: a call isolates pages one by one; of a huge page the first time, and is busy the second, which makes it
 * move what it has; one that is held ends the call after that batch.
 */
function makeHost(fake: Fake): Pick<Host, 'pageNodes' | 'movePages'> {
  const pageOf = (address: number) => address / PAGE;
  const wholeOf = (page: number) =>
    fake.huge?.has(Math.floor(page / BLOCK))
      ? Array.from({ length: BLOCK }, (_, index) => Math.floor(page / BLOCK) * BLOCK + index)
      : [page];
  const flush = (batch: readonly number[]): boolean => {
    let isWhole = true;
    for (const first of batch) {
      const pages = wholeOf(first);
      if (pages.some(page => fake.held?.has(page))) isWhole = false;
      else {
        if ((fake.room ?? Number.POSITIVE_INFINITY) < pages.length) throw new HostError('full', 'no room');
        if (fake.room !== undefined) fake.room -= pages.length;
        for (const page of pages) fake.nodes[page] = TARGET;
      }
    }
    return isWhole;
  };
  return {
    pageNodes: (_, addresses) => addresses.map(address => fake.nodes[pageOf(address)] ?? NO_PAGE),
    movePages: (_, addresses) => {
      const status: (number | null)[] = addresses.map(() => null);
      let batch: number[] = [];
      for (const [index, address] of addresses.entries()) {
        const page = pageOf(address);
        if (fake.nodes[page] === TARGET) status[index] = TARGET;
        else if (fake.shared?.has(page)) status[index] = EACCES;
        else if (batch.some(first => wholeOf(first).includes(page))) status[index] = EBUSY;
        else {
          batch.push(page);
          continue;
        }
        if (!flush(batch)) return status;
        batch = [];
      }
      flush(batch);
      return status;
    },
  };
}

const onNode1 = (pages: number): number[] => new Array<number>(pages).fill(1);

function move(fake: Fake) {
  const addresses = fake.nodes.flatMap((node, page) => (node === 1 ? [page * PAGE] : []));
  return movePiece(makeHost(fake) as Host, { pid: 7, pageBytes: PAGE, addresses, node: TARGET });
}

describe('movePiece()', () => {
  it('moves all pages where nothing is in the way', () => {
    const fake = { nodes: onNode1(2 * BLOCK) };
    expect(move(fake)).toEqual({ moved: 2 * BLOCK, stayed: new Map() });
    expect(new Set(fake.nodes)).toEqual(new Set([0]));
  });

  it('moves huge pages whole', () => {
    const fake = { nodes: onNode1(3 * BLOCK), huge: new Set([0, 1, 2]) };
    expect(move(fake)).toEqual({ moved: 3 * BLOCK, stayed: new Map() });
  });

  it('moves what lies behind a page that is held', () => {
    const fake = { nodes: onNode1(3 * BLOCK), held: new Set([BLOCK + 5]) };
    expect(move(fake)).toEqual({ moved: 3 * BLOCK - 1, stayed: new Map([['held', 1]]) });
  });

  it('moves what lies behind a huge page that is held', () => {
    const fake = { nodes: onNode1(4 * BLOCK), huge: new Set([0, 1, 2, 3]), held: new Set([5]) };
    expect(move(fake)).toEqual({ moved: 3 * BLOCK, stayed: new Map([['held', BLOCK]]) });
  });

  it('tells shared pages from held ones', () => {
    const fake = { nodes: onNode1(BLOCK), held: new Set([9]), shared: new Set([3, 4]) };
    expect(move(fake).stayed).toEqual(
      new Map([
        ['shared', 2],
        ['held', 1],
      ]),
    );
  });

  it('stops where the node is full, and says so of all that stayed', () => {
    const fake = { nodes: onNode1(2 * BLOCK), huge: new Set([0, 1]), room: BLOCK };
    expect(move(fake)).toEqual({ moved: BLOCK, stayed: new Map([['no-room', BLOCK]]) });
  });

  it('does not count pages that have gone meanwhile as stayed', () => {
    const fake = { nodes: onNode1(2) };
    const host = makeHost(fake) as Host;
    const addresses = [0, PAGE, 2 * PAGE];
    expect(movePiece(host, { pid: 7, pageBytes: PAGE, addresses, node: TARGET }).stayed).toEqual(new Map());
  });

  it('passes on every other failure', () => {
    const host = {
      ...makeHost({ nodes: onNode1(2) }),
      movePages: () => {
        throw new HostError('denied', 'operation not permitted');
      },
    } as unknown as Host;
    expect(() => movePiece(host, { pid: 7, pageBytes: PAGE, addresses: [0], node: TARGET })).toThrow('not permitted');
  });
});
