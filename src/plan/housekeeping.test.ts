// Which CPUs stay with the host, on machines of every kind.
import { describe, expect, it } from 'vitest';
import { encodeIdList, parseCpuList } from '#domain/id-list.ts';
import { makeInventory } from '#fixtures/make-inventory.ts';
import { memorylessShape } from '#fixtures/random-host.ts';
import { type Shape, shapes } from '#fixtures/shapes.ts';
import { makeHousekeeping } from './housekeeping.ts';

const kept = (shape: Shape, coresPerNode: number, cpus: string | null = null) =>
  encodeIdList(
    makeHousekeeping(
      { inventory: makeInventory(shape, []), wishes: new Map() },
      {
        coresPerNode,
        cpus: cpus === null ? null : parseCpuList(cpus),
      },
    ),
  );

describe('makeHousekeeping()', () => {
  it.each<[string, Shape, number, string | null, string]>([
    ['the boot core always', shapes.article, 0, null, '0,16'],
    ['whole cores of every node', shapes.article, 1, null, '0,8,16,24'],
    ['two cores of every node, the boot core counted', shapes.article, 2, null, '0-1,8-9,16-17,24-25'],
    ['the whole host when asked for more than there is', shapes.tiny, 64, null, '0-1'],
    ['efficiency cores first', shapes.hybrid, 3, null, '0-1,16-17'],
    ['cores with the smaller cache first', shapes['ryzen-x3d'], 2, null, '0,8,16,24'],
    ['nothing of a node without CPUs', shapes['memory-only-node'], 1, null, '0,4,8,12'],
    ['cores of a node without memory too', memorylessShape, 1, null, '0,8,16,24'],
    ['named CPUs as whole cores, instead of so many per node', shapes.article, 5, '3,20', '0,3-4,16,19-20'],
    ['the boot core besides named CPUs that are not there', shapes.article, 1, '99', '0,16'],
    ['the first core that is online', { ...shapes.article, offline: [0, 16] }, 0, null, '1,17'],
  ])('keeps %s', (_, shape, coresPerNode, cpus, expected) => {
    expect(kept(shape, coresPerNode, cpus)).toBe(expected);
  });
});
