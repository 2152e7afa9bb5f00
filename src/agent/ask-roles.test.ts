// Questions to a QEMU that answers at once, late, wrongly and never.
import { describe, expect, it } from 'vitest';
import { vmId } from '#domain/ids.ts';
import type { VmThreadIds } from '#host/host.ts';
import { HostError } from '#host/host-error.ts';
import { makeAskRoles } from './ask-roles.ts';

const vmid = vmId(100);
const answerOf = (tid: number): VmThreadIds => ({ vcpus: [], iothreads: [{ id: 'iothread0', tid }] });
const NOT_YET = 'QEMU of VM 100 does not say yet which thread is which';

/** A QEMU whose answers are given by the test, one after the other. */
function makeSlowQemu() {
  const asked: Deferred[] = [];
  const queryVmThreads = () => {
    const { promise, resolve, reject } = makeDeferred();
    asked.push({ promise, resolve, reject });
    return promise;
  };
  return { asked, ask: makeAskRoles({ queryVmThreads }, 5) };
}

interface Deferred {
  readonly promise: Promise<VmThreadIds>;
  readonly resolve: (answer: VmThreadIds) => void;
  readonly reject: (error: Error) => void;
}

function makeDeferred(): Deferred {
  let resolve: (value: VmThreadIds) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<VmThreadIds>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

describe('makeAskRoles()', () => {
  it('passes on an answer that comes at once', async () => {
    const ask = makeAskRoles({ queryVmThreads: () => Promise.resolve(answerOf(1)) }, 1000);
    expect(await ask(vmid, 'a')).toEqual(answerOf(1));
  });

  it('passes on a failure, and asks again', async () => {
    let asked = 0;
    const queryVmThreads = () =>
      ++asked === 1 ? Promise.reject(new HostError('refused', 'nobody there')) : Promise.resolve(answerOf(2));
    const ask = makeAskRoles({ queryVmThreads }, 1000);
    await expect(ask(vmid, 'a')).rejects.toThrow('nobody there');
    expect(await ask(vmid, 'a')).toEqual(answerOf(2));
  });

  it('goes on without an answer, and asks nothing else meanwhile', async () => {
    const { ask, asked } = makeSlowQemu();
    await expect(ask(vmid, 'a')).rejects.toThrow(NOT_YET);
    await expect(ask(vmid, 'a')).rejects.toThrow(NOT_YET);
    await expect(ask(vmid, 'b')).rejects.toThrow(NOT_YET);
    expect(asked).toHaveLength(1);
  });

  it('finds an answer that came between two passes', async () => {
    const { ask, asked } = makeSlowQemu();
    await expect(ask(vmid, 'a')).rejects.toThrow(NOT_YET);
    asked[0]?.resolve(answerOf(3));
    await asked[0]?.promise;
    expect(await ask(vmid, 'a')).toEqual(answerOf(3));
    expect(asked).toHaveLength(1);
  });

  it('does not use an answer about other threads', async () => {
    const { ask, asked } = makeSlowQemu();
    await expect(ask(vmid, 'a')).rejects.toThrow(NOT_YET);
    asked[0]?.resolve(answerOf(3));
    await asked[0]?.promise;
    await expect(ask(vmid, 'b')).rejects.toThrow(NOT_YET);
    expect(asked).toHaveLength(2);
  });

  it('says between two passes why there was no answer', async () => {
    const { ask, asked } = makeSlowQemu();
    await expect(ask(vmid, 'a')).rejects.toThrow(NOT_YET);
    asked[0]?.reject(new HostError('timeout', 'no answer within 10000 ms'));
    await asked[0]?.promise.catch(() => {});
    await expect(ask(vmid, 'a')).rejects.toThrow('no answer within 10000 ms');
    // The second question is open; the reason stays.
    await expect(ask(vmid, 'a')).rejects.toThrow('no answer within 10000 ms');
    expect(asked).toHaveLength(2);
  });
});
