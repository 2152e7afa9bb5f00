// What progress looks like on a terminal, and elsewhere.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startProgress } from './progress.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }));
afterEach(() => void vi.useRealTimers());

function makeStream(isTTY: boolean): { stream: NodeJS.WriteStream; written: () => string } {
  let written = '';
  const write = (text: string) => {
    written += text;
    return true;
  };
  return { stream: { isTTY, columns: 30, write } as NodeJS.WriteStream, written: () => written };
}

/** What a person sees: each `\r ESC[K` takes the line back. */
const seen = (written: string): string => written.split('\r\x1b[K').at(-1) ?? '';

describe('startProgress() on a terminal', () => {
  it('has one line, whose seconds go on', () => {
    const { stream, written } = makeStream(true);
    const { tell, end } = startProgress(stream);
    tell('booting');
    expect(seen(written())).toBe('[  0.0 s] booting');
    vi.advanceTimersByTime(2000);
    expect(seen(written())).toBe('[  2.0 s] booting');
    tell('running');
    expect(seen(written())).toBe('[  2.0 s] running');
    expect(written()).not.toContain('\n');
    end();
  });

  it('makes room for a line of another kind, and comes back', () => {
    const { stream, written } = makeStream(true);
    const { tell, clear, end } = startProgress(stream);
    tell('running');
    clear();
    expect(seen(written())).toBe('');
    vi.advanceTimersByTime(1000);
    expect(seen(written())).toBe('[  1.0 s] running');
    end();
  });

  it('shares its line between lanes, until they have nothing to say', () => {
    const { stream, written } = makeStream(true);
    const { tell, end } = startProgress(stream);
    tell('one');
    tell('two', 1);
    expect(seen(written())).toBe('[  0.0 s] one | two');
    tell('');
    expect(seen(written())).toBe('[  0.0 s] two');
    end();
  });

  it('never wraps', () => {
    const { stream, written } = makeStream(true);
    const { tell, end } = startProgress(stream);
    tell('a very long word about what is done');
    expect(seen(written())).toHaveLength(29);
    end();
  });

  it('takes its line away at the end, and says nothing more', () => {
    const { stream, written } = makeStream(true);
    const { tell, end, clear } = startProgress(stream);
    tell('running');
    end();
    expect(seen(written())).toBe('');
    const before = written();
    tell('late');
    clear();
    end();
    vi.advanceTimersByTime(5000);
    expect(written()).toBe(before);
  });
});

describe('startProgress() elsewhere', () => {
  it('writes plain lines, one for each stage', () => {
    const { stream, written } = makeStream(false);
    const { tell, clear, end } = startProgress(stream);
    tell('booting');
    vi.advanceTimersByTime(12_300);
    tell('running');
    clear();
    end();
    tell('late');
    expect(written()).toBe('[  0.0 s] booting\n[ 12.3 s] running\n');
  });
});
