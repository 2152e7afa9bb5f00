// QEMU's answers about its threads, and answers that mean nothing.
import { describe, expect, it } from 'vitest';
import { ParseError } from '#domain/errors.ts';
import { parseVmThreadIds } from './parse-vm-thread-ids.ts';

describe('parseVmThreadIds()', () => {
  it('reads what QEMU answers, in the order of vCPUs and names', () => {
    const cpus = [
      { 'cpu-index': 1, 'thread-id': 4244, 'qom-path': '/machine/unattached/device[1]', target: 'x86_64' },
      { 'cpu-index': 0, 'thread-id': 4243, props: { 'core-id': 0, 'thread-id': 0, 'socket-id': 0 } },
    ];
    const iothreads = [
      { id: 'iothread1', 'thread-id': 4241, 'poll-max-ns': 32768 },
      { id: 'iothread0', 'thread-id': 4240 },
    ];
    expect(parseVmThreadIds(cpus, iothreads)).toEqual({
      vcpus: [
        { index: 0, tid: 4243 },
        { index: 1, tid: 4244 },
      ],
      iothreads: [
        { id: 'iothread0', tid: 4240 },
        { id: 'iothread1', tid: 4241 },
      ],
    });
  });

  it.each([
    ['no answer', undefined],
    ['an object', { 'cpu-index': 0, 'thread-id': 1 }],
    ['a list of numbers', [1, 2]],
    ['a list with null', [null]],
    ['a vCPU without a thread', [{ 'cpu-index': 0 }]],
    ['a negative index', [{ 'cpu-index': -1, 'thread-id': 5 }]],
    ['thread 0', [{ 'cpu-index': 0, 'thread-id': 0 }]],
    ['a fraction', [{ 'cpu-index': 0.5, 'thread-id': 5 }]],
    ['numbers as texts', [{ 'cpu-index': '0', 'thread-id': '5' }]],
  ])('rejects %s for the vCPUs', (_, cpus) => {
    expect(() => parseVmThreadIds(cpus, [])).toThrow(ParseError);
  });

  it.each([
    ['no answer', undefined],
    ['one without a name', [{ 'thread-id': 5 }]],
    ['one without a thread', [{ id: 'iothread0' }]],
  ])('rejects %s for the iothreads', (_, iothreads) => {
    expect(() => parseVmThreadIds([], iothreads)).toThrow(ParseError);
  });
});
