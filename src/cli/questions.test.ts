// Questions at a terminal: answers, what is typed ahead, and leaving without an answer.
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { openQuestions } from './questions.ts';

/** The answers to as many questions, when somebody types this. */
async function answers(typed: string, count: number): Promise<readonly (string | null)[]> {
  const input = new PassThrough();
  const questions = openQuestions({ input, output: new PassThrough(), terminal: true });
  input.write(typed);
  const given: (string | null)[] = [];
  for (let number = 1; number <= count; number++) given.push(await questions.ask(`${number}? `));
  questions.close();
  return given;
}

describe('openQuestions()', () => {
  it.each<[string, string, readonly (string | null)[]]>([
    ['an answer', 'yes\r', ['yes']],
    ['an empty one', '\r', ['']],
    ['answers that were pasted at once', '101\r\ry\r', ['101', '', 'y']],
    ['Ctrl-C', '\u0003', [null]],
    ['Ctrl-D', '\u0004', [null]],
    ['Ctrl-C after an answer, and no further question', '101\r\u0003', ['101', null, null]],
    ['Ctrl-C in the middle of a line', 'ye\u0003', [null]],
  ])('%s', async (_, typed, given) => {
    expect(await answers(typed, given.length)).toEqual(given);
  });

  it('begins a new line after a question that was left', async () => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const questions = openQuestions({ input, output });
    input.end();
    await questions.ask('Make these changes? [y/N] ');
    output.end();
    expect(await text(output)).toBe('Make these changes? [y/N] \n');
  });
});
