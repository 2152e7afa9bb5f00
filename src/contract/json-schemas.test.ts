// The published schemas are the ones that the code would publish now.
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { makeJsonSchemas } from './json-schemas.ts';

const DIRECTORY = 'docs/schemas';
const schemas = makeJsonSchemas();

test.each([...schemas])('docs/schemas/%s is up to date (else: npm run schemas)', async (name, schema) => {
  await expect(`${JSON.stringify(schema, null, 2)}\n`).toMatchFileSnapshot(`../../${DIRECTORY}/${name}`);
});

test('docs/schemas holds nothing else', () => {
  expect(readdirSync(DIRECTORY).filter(name => !schemas.has(name))).toEqual([]);
});

test('makeJsonSchemas() describes what is written: sets as text, maps as objects', () => {
  const text = JSON.stringify(schemas.get('topology.json'));
  expect(text).toContain('"online":{"$ref":"#/$defs/CpuList"}');
  expect(text).toContain('"distances":{"type":"object"');
});

test('makeJsonSchemas() has every code in the schema of findings, each with facts of its own', () => {
  const codes = JSON.stringify(schemas.get('finding.json')).match(/"const":"[a-z-]+"/g) ?? [];
  expect(codes.length).toBeGreaterThan(30);
  expect(new Set(codes).size).toBe(codes.length);
});
