// When the agent looks, and when it ends.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Pass } from './reconciler.ts';
import { runAgent } from './run-agent.ts';

const NOTHING: Pass = { running: 0, repaired: [], problems: new Map(), isBusy: false };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function startAgent(runPass = async () => NOTHING) {
  const told = new AbortController();
  const passes: number[] = [];
  let changed = () => {};
  let watching = false;
  const ended = runAgent({
    reconciler: { runPass },
    periodMs: 5000,
    watch: callback => {
      changed = callback;
      watching = true;
      return () => {
        watching = false;
      };
    },
    onPass: () => passes.push(Date.now()),
    signal: told.signal,
  });
  const began = Date.now();
  return {
    ended,
    event: () => changed(),
    end: () => told.abort(),
    isWatching: () => watching,
    times: () => passes.map(time => time - began),
  };
}

describe('runAgent()', () => {
  it('makes a pass at once and one every period', async () => {
    const agent = startAgent();
    await vi.advanceTimersByTimeAsync(10_001);
    expect(agent.times()).toEqual([0, 5000, 10_000]);
  });

  it('makes passes soon after an event, then goes back to its period', async () => {
    const agent = startAgent();
    await vi.advanceTimersByTimeAsync(1000);
    agent.event();
    await vi.advanceTimersByTimeAsync(8000);
    expect(agent.times()).toEqual([0, 1000, 1020, 1120, 1520, 3020, 8020]);
  });

  it('ends at once when it is told to, and stops watching', async () => {
    const agent = startAgent();
    await vi.advanceTimersByTimeAsync(1000);
    agent.end();
    await agent.ended;
    expect(agent.times()).toEqual([0]);
    expect(agent.isWatching()).toBe(false);
  });

  it('finishes the pass at hand before it ends', async () => {
    let finish = () => {};
    const agent = startAgent(() => new Promise(resolve => (finish = () => resolve(NOTHING))));
    agent.end();
    finish();
    await agent.ended;
    expect(agent.times()).toEqual([0]);
  });

  it('fails with a pass that fails: the service manager starts another', async () => {
    const agent = startAgent(() => Promise.reject(new Error('a bug')));
    await expect(agent.ended).rejects.toThrow('a bug');
    expect(agent.isWatching()).toBe(false);
  });

  it('does not miss an event that comes during a pass', async () => {
    let event = () => {};
    let calls = 0;
    const agent = startAgent(async () => {
      await Promise.resolve();
      if (calls++ === 0) event();
      return NOTHING;
    });
    event = agent.event;
    await vi.advanceTimersByTimeAsync(30);
    expect(agent.times()).toEqual([0, 20]);
  });
});
