// The pages that are made from the program, its schemas and other pages are up to date, and leave nothing out.
import { describe, expect, it, test } from 'vitest';
import { program } from '#cli/program.ts';
import { makeJsonSchemas } from '#contract/json-schemas.ts';
import { renderCommandReference } from './command-reference.ts';
import { renderDecisionList, renderFindingList } from './list-pages.ts';
import { listPolicyKeys, renderPolicyReference, type Schema } from './policy-reference.ts';

const policy = makeJsonSchemas().get('policy.json') as Schema;

test.each([
  ['reference/commands.md', () => renderCommandReference(program)],
  ['reference/policy.md', () => renderPolicyReference(policy)],
  ['reference/findings.md', renderFindingList],
  ['decisions/README.md', renderDecisionList],
] as const)('docs/%s is up to date (else: npm run reference)', async (name, render) => {
  await expect(render()).toMatchFileSnapshot(`../docs/${name}`);
});

describe('listPolicyKeys()', () => {
  it('names every key down to its value, and what the operator chooses by a word', () => {
    const paths = listPolicyKeys(policy).map(([path]) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'host.housekeeping.cpus',
        'tags.TAG.class',
        'guests.VMID.priority',
        'doctor.ignore[].reason',
      ]),
    );
  });
});

describe('renderPolicyReference()', () => {
  it('refuses a key that says nothing of itself', () => {
    const silent: Schema = {
      type: 'object',
      properties: { host: { type: 'object', properties: { quiet: { type: 'boolean' } } } },
    };
    expect(() => renderPolicyReference(silent)).toThrow("the policy's key host.quiet has no description");
  });
});
