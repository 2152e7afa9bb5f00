// Sabotaged scenarios that failed as they must, and others that failed somehow.
import { describe, expect, it } from 'vitest';
import { judgeSabotage } from './judge-sabotage.ts';

const instead = { verb: 'wait', step: { wait: 1 }, text: '{"wait":1}' };
const sabotage = { what: 'nothing is applied', index: 3, instead, failsAt: 4, says: ['found 0 on 0-7', '1 on 0-7'] };
const noticed = { at: 4, message: 'Expected 0 on 1, 1 on 2; found 0 on 0-7, 1 on 0-7', expectation: true };

describe('judgeSabotage()', () => {
  it('is content with the right step and all that it must say', () => {
    expect(judgeSabotage(sabotage, noticed)).toBeNull();
  });

  it('says that nobody noticed', () => {
    expect(judgeSabotage(sabotage, undefined)).toBe('Nobody noticed: nothing is applied');
  });

  it.each([
    ['an earlier step', { at: 2 }, 'step 5 was to notice, but it ended at step 3: Expected'],
    ['a later step', { at: 5 }, 'step 5 was to notice, but it ended at step 6: Expected'],
    ['a step that could not be done', { expectation: false }, 'no expectation failed, step 5 itself did: Expected'],
    ['another reason', { message: 'QMP: no answer' }, 'noticed, but not because of "found 0 on 0-7": QMP: no answer'],
    ['half of the reason', { message: 'found 0 on 0-7' }, 'not because of "1 on 0-7": found 0 on 0-7'],
  ])('refuses %s', (_, change, problem) => {
    expect(judgeSabotage(sabotage, { ...noticed, ...change })).toContain(`nothing is applied: `);
    expect(judgeSabotage(sabotage, { ...noticed, ...change })).toContain(problem);
  });
});
