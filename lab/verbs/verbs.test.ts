// The lab's page in `docs` knows every step and every shape.
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { labShapes } from '../host/shapes.ts';
import { verbs } from './verbs.ts';

const page = readFileSync('docs/lab.md', 'utf8');

it.each(Object.keys(verbs))('docs/lab.md has a line for the step %s', word => {
  expect(page).toMatch(new RegExp(`^\\| .*\`${word}: .* \\|$`, 'm'));
});

it.each(Object.keys(labShapes))('docs/lab.md has a line for the shape %s', name => {
  expect(page).toMatch(new RegExp(`^\\| .*\`${name}\`.* \\|$`, 'm'));
});
