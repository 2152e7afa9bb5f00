// What one JSON value has to contain of another.
import { describe, expect, it } from 'vitest';
import { containsJson } from './contains-json.ts';

const found = {
  state: 'done',
  count: 2,
  none: null,
  entries: [
    { id: '1', steps: ['a', 'b'] },
    { id: '2', steps: [] },
  ],
};

describe('containsJson()', () => {
  it.each([
    ['itself', found],
    ['some of its keys', { count: 2 }],
    ['nothing in particular', {}],
    ['null', { none: null }],
    ['a list with any one of its items', { entries: [{ id: '2' }] }],
    ['items in another order', { entries: [{ id: '2' }, { id: '1' }] }],
    ['an empty list in a full one', { entries: [] }],
    ['part of a list within a list', { entries: [{ steps: ['b'] }] }],
  ])('finds %s', (_, wanted) => {
    expect(containsJson(found, wanted)).toBeNull();
  });

  it.each([
    ['another value', { state: 'running' }, 'state is "done", not "running"'],
    ['a number as text', { count: '2' }, 'count is 2, not "2"'],
    ['a key that is not there', { missing: 1 }, 'missing is undefined, not 1'],
    ['null where there is nothing', { missing: null }, 'missing is undefined, not null'],
    ['an object where there is null', { none: {} }, 'none is null, not an object'],
    ['an object where there is a text', { state: { is: 1 } }, 'state is "done", not an object'],
    ['a list where there is none', { count: [2] }, 'count is 2, not a list'],
    ['an item that is not in the list', { entries: [{ id: '3' }] }, /^entries has no {"id":"3"}; it is \[/],
    ['an item whose parts are in two items', { entries: [{ id: '2', steps: ['a'] }] }, /^entries has no /],
    ['something deep inside', { entries: [{ id: '1', steps: ['c'] }] }, /^entries has no /],
  ])('does not find %s, and says where', (_, wanted, where) => {
    const problem = containsJson(found, wanted);
    if (typeof where === 'string') expect(problem).toBe(where);
    else expect(problem).toMatch(where);
  });

  it.each([
    [1, 2, 'the JSON is 1, not 2'],
    [{}, [], 'the JSON is {}, not a list'],
    [{ a: { b: 1 } }, { a: { b: 2 } }, 'a.b is 1, not 2'],
    [[1], [2], 'the JSON has no 2; it is [1]'],
  ])('says where in %j there is no %j', (value, wanted, problem) => {
    expect(containsJson(value, wanted)).toBe(problem);
  });
});
