// Assignments in files that a shell reads: quotes, continued lines, comments.
import { describe, expect, it } from 'vitest';
import { scanAssignments } from './shell-assignments.ts';

/** Values with references as `<NAME>`, and the line of each text. */
const read = (text: string) =>
  scanAssignments(text).map(({ name, appends, parts }) => {
    const value = parts.map(part => (part.kind === 'variable' ? `<${part.name}>` : part.text)).join('');
    return `${name}${appends ? '+=' : '='}${value}`;
  });

const linesOf = (text: string) =>
  scanAssignments(text).flatMap(({ parts }) => parts.map(part => (part.kind === 'text' ? part.line : null)));

describe('scanAssignments()', () => {
  it.each([
    ['A=b', ['A=b']],
    ['A="b c"', ['A=b c']],
    ["A='b $C'", ['A=b $C']],
    ['A="b $C"', ['A=b <C>']],
    [`A="\${C} b"`, ['A=<C> b']],
    ['A="x\\"y\\"" # z', ['A=x"y"']],
    ['A="a\\b"', ['A=a\\b']],
    ['A=b\\ c', ['A=b c']],
    ['A="b"\'c\'d', ['A=bcd']],
    ['A="b \\\nc"', ['A=b c']],
    ['A=b\\\nc', ['A=bc']],
    ['A="b\nc"', ['A=b\nc']],
    ['A=1; B=2', ['A=1', 'B=2']],
    ['export A=1', ['A=1']],
    ['A+=" b"', ['A+= b']],
    ['A=', ['A=']],
    ['A=""\n\nB=1\n', ['A=', 'B=1']],
    ['A="#b"', ['A=#b']],
    ['A=b#c', ['A=b#c']],
    ['A="b"\r\nB=c\r\n', ['A=b', 'B=c']],
    ['if true; then\n  A=1\nfi\n', ['A=1']],
    ['A="$"', ['A=$']],
  ])('reads %j', (text, assigned) => {
    expect(read(text)).toEqual(assigned);
  });

  it.each([
    ['a comment', '# A=b'],
    ['a comment with a quote', "# it's A=b"],
    ['an argument', 'echo A=b'],
    ['a name that is none', '1A=b'],
    ['a quoted text', '"A=b"'],
    ['nothing', '\n \t'],
  ])('finds nothing in %s', (_, text) => {
    expect(read(text)).toEqual([]);
  });

  it('reads a quote that nobody closes up to the end', () => {
    expect(read('A="b\nC=d')).toEqual(['A=b\nC=d']);
  });

  it('knows the line of each part of a value over several lines', () => {
    expect(linesOf('\nA="b \\\nc\nd"\n')).toEqual([2, 3, 4]);
  });
});
