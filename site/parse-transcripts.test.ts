// What pages show is taken apart into commands and answers, and an answer that differs is noticed.
import { describe, expect, it } from 'vitest';
import { compareAnswer, parseTranscripts } from './parse-transcripts.ts';

describe('parseTranscripts()', () => {
  it('takes prompts of console blocks with their answers, and every line of sh blocks', () => {
    const page = [
      '<!-- host: ryzen -->',
      '```console',
      '$ berth plan   # look',
      'Plan for pve',
      '',
      '$ berth apply',
      '```',
      '```sh',
      '# first',
      'berth verify        # then',
      '```',
      '```yaml',
      'guests: {}',
      '```',
    ].join('\n');
    expect(parseTranscripts(page)).toEqual({
      host: 'ryzen',
      commands: [
        { line: 'berth plan', answer: ['Plan for pve'] },
        { line: 'berth apply', answer: [] },
        { line: 'berth verify', answer: [] },
      ],
    });
  });

  it('names no host where the page names none', () => {
    expect(parseTranscripts('# A page\n')).toEqual({ host: null, commands: [] });
  });
});

const ANSWER = 'one\ntwo 2\nthree\nfour\n';

describe('compareAnswer()', () => {
  it.each([
    { shown: [], what: 'nothing is shown' },
    { shown: ['one', 'two 2', 'three', 'four'], what: 'all of it' },
    { shown: ['…', 'three', '…'], what: 'a part of it' },
    { shown: ['one', '…', 'four'], what: 'its ends' },
    { shown: ['one', 'two …', 'three', 'four'], what: 'a line whose end varies' },
  ])('is content: $what', ({ shown }) => {
    expect(compareAnswer(shown, ANSWER)).toBeNull();
  });

  it.each([
    { shown: ['two 2', '…'], wanted: 'two 2', what: 'it does not begin so' },
    { shown: ['one', 'three', '…'], wanted: 'three', what: 'a line is left out' },
    { shown: ['one', 'two 2'], wanted: '(nothing more)', what: 'more follows' },
    { shown: ['…', 'four', 'five'], wanted: 'five', what: 'less follows' },
    { shown: ['…', 'three', '…', 'two 2', '…'], wanted: 'two 2', what: 'the order is another' },
    { shown: ['on.'], wanted: 'on.', what: 'a dot is a dot' },
  ])('notices that $what', ({ shown, wanted }) => {
    expect(compareAnswer(shown, ANSWER)?.wanted).toBe(wanted);
  });
});
