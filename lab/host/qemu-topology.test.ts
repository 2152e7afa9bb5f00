// Shapes as QEMU arguments; and that every shape is one that QEMU can make.
import { describe, expect, it } from 'vitest';
import { makeTopologyArguments } from './qemu-topology.ts';
import { countCpus, findLabShape, type LabShape, labShapes } from './shapes.ts';

const textOf = (name: string): string => makeTopologyArguments(findLabShape(name)).join(' ');

describe('makeTopologyArguments()', () => {
  it('writes a machine of two nodes with their distances', () => {
    expect(textOf('2p2n8c')).toBe(
      '-smp 8,sockets=2,dies=1,cores=4,threads=1 -m 4096 ' +
        '-object memory-backend-ram,id=mem0,size=2048M -numa node,nodeid=0,cpus=0-0,cpus=1-1,cpus=2-2,cpus=3-3,memdev=mem0 ' +
        '-object memory-backend-ram,id=mem1,size=2048M -numa node,nodeid=1,cpus=4-4,cpus=5-5,cpus=6-6,cpus=7-7,memdev=mem1 ' +
        '-numa dist,src=0,dst=1,val=21 -numa dist,src=1,dst=0,val=21',
    );
  });

  it('gives a node both threads of its cores, as QEMU numbers them, however the kernel will', () => {
    expect(textOf('2p2n8c2t')).toContain('nodeid=1,cpus=8-9,cpus=10-11,cpus=12-13,cpus=14-15,memdev=mem1');
    expect(textOf('2p2n8c2t')).toBe(textOf('2p2n8c2t-adjacent'));
  });

  it('gives a node without CPUs memory alone', () => {
    expect(textOf('memory-only-node')).toContain('-numa node,nodeid=2,memdev=mem2');
  });

  it('gives a node without memory CPUs alone', () => {
    expect(textOf('cpu-only-node')).toMatch(/-numa node,nodeid=1,cpus=4-4,cpus=5-5,cpus=6-6,cpus=7-7 -numa dist/);
    expect(textOf('cpu-only-node')).not.toContain('mem1');
  });

  it('writes each direction of a distance by itself', () => {
    expect(textOf('asymmetric')).toContain('dist,src=0,dst=2,val=28');
    expect(textOf('asymmetric')).toContain('dist,src=2,dst=0,val=24');
  });

  it('writes no distances where QEMU has its own', () => {
    expect(textOf('1p1n4c')).not.toContain('dist');
  });
});

describe.each(Object.entries<LabShape>(labShapes))('shape %s', (_, shape) => {
  const { sockets, dies, cores, nodes, distances } = shape;

  it('has every core in exactly one node', () => {
    const listed = nodes.flatMap(node => node.cores);
    expect([...listed].sort((a, b) => a - b)).toEqual(
      Array.from({ length: sockets * dies * cores }, (_, core) => core),
    );
  });

  it('has a distance of 10 within each node, and more between any two', () => {
    for (const [from, row] of (distances ?? []).entries()) {
      expect(row).toHaveLength(nodes.length);
      for (const [to, distance] of row.entries()) expect(distance === 10).toBe(from === to);
      expect(Math.min(...row)).toBe(10);
    }
    expect(distances ?? nodes).toHaveLength(nodes.length);
  });

  it('takes offline only CPUs that there are, and not CPU 0', () => {
    for (const cpu of shape.offline ?? []) {
      expect(cpu).toBeGreaterThan(0);
      expect(cpu).toBeLessThan(countCpus(shape));
    }
  });
});

describe('findLabShape()', () => {
  it('lists the shapes that there are', () => {
    expect(() => findLabShape('2p2n8')).toThrow(/^There is no shape "2p2n8"\. There are:\n {2}2p2n8c +two sockets/);
  });
});
