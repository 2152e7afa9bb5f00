// Which errors mean that a part of the program is gone.
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { HostError } from './host-error.ts';
import { explainMissingPart } from './missing-part.ts';

function catchError(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}

describe('explainMissingPart()', () => {
  it('says of a module that is gone what has happened and what to do', () => {
    const error = explainMissingPart(catchError(() => createRequire('/nowhere/berth.cjs')('koffi')));
    expect(error).toBeInstanceOf(HostError);
    expect(error).toMatchObject({ reason: 'gone', message: expect.stringMatching(/^Cannot load koffi, .* upgraded/) });
  });

  it.each([new Error('Cannot open x'), new HostError('busy', "Cannot find module'x'"), 'text', undefined])(
    'leaves %o as it is',
    error => {
      expect(explainMissingPart(error)).toBe(error);
    },
  );
});
