// policy.yaml → Policy, with errors at line and column and a guess at what was meant.
import * as z from 'zod/mini';
import { guestPolicyJson, ignoreEntryJson, type PolicyJson, policyJson } from '#contract/policy.ts';
import { ParseError } from '#domain/errors.ts';
import { LAYERS } from '#domain/host-layer.ts';
import { type VmId, vmId } from '#domain/ids.ts';
import type { GuestPolicy, Policy } from '#domain/policy.ts';
import { closestWord } from './closest-word.ts';
import { type PolicyDocument, parsePolicyDocument } from './policy-document.ts';

/** What holds where the policy says nothing. */
export const GUEST_DEFAULTS: GuestPolicy = {
  class: 'shared',
  smt: 'auto',
  memory: 'preferred',
  span: 'node',
  emulator: 'housekeeping',
  cache: 'auto',
  priority: 0,
};

export const NO_POLICY: Policy = {
  housekeeping: { coresPerNode: null, cpus: null },
  isolation: 'none',
  onArrival: 'leave',
  interrupts: 'leave',
  layers: {},
  tags: new Map(),
  guests: new Map(),
  ignore: [],
};

/**
 * Reads a policy; an empty file is a policy without wishes.
 * @example parsePolicy('guests:\n  100: { class: dedicated }\n', '/etc/pve/berth/policy.yaml')
 * @throws ParseError with file, line and column for YAML errors, unknown keys and impossible values.
 */
export function parsePolicy(text: string, file: string): Policy {
  const document = parsePolicyDocument(text, file);
  const json: unknown = document.document.toJS({ mapAsMap: false }) ?? {};
  const result = z.safeDecode(policyJson, withTextLists(withoutEmptyParts(json)) as never);
  if (!result.success) throw describeIssue(result.error.issues[0] as z.core.$ZodIssue, document);
  return makePolicy(result.data);
}

/** `guests:` with nothing below it is a part without entries, not a mistake. */
function withoutEmptyParts(json: unknown): unknown {
  return Object.fromEntries(Object.entries(json as object).filter(([, part]) => part !== null));
}

/** YAML reads `cpus: 4` as a number; a CPU list of one CPU is meant. */
function withTextLists(json: unknown): unknown {
  const cpus = (json as PolicyJson | null)?.host?.housekeeping?.cpus as unknown;
  if (typeof cpus !== 'number') return json;
  const { host } = json as { host: { housekeeping: object } };
  return { ...(json as object), host: { ...host, housekeeping: { ...host.housekeeping, cpus: `${cpus}` } } };
}

function makePolicy({ host, onArrival, tags, guests, doctor }: PolicyJson): Policy {
  return {
    housekeeping: { coresPerNode: host?.housekeeping?.coresPerNode ?? null, cpus: host?.housekeeping?.cpus ?? null },
    isolation: host?.isolation ?? 'none',
    onArrival: onArrival ?? 'leave',
    interrupts: host?.interrupts ?? 'leave',
    layers: host?.layers ?? {},
    tags: new Map(Object.entries(tags ?? {}).map(([tag, wishes]) => [tag, withoutUndefined(wishes)])),
    guests: new Map(
      Object.entries(guests ?? {}).map(([id, wishes]): [VmId, Partial<GuestPolicy>] => [
        vmId(Number(id)),
        withoutUndefined(wishes),
      ]),
    ),
    ignore: (doctor?.ignore ?? []).map(({ code, guests: about, reason }) => ({ code, guests: about ?? null, reason })),
  };
}

function withoutUndefined(wishes: z.output<typeof guestPolicyJson>): Partial<GuestPolicy> {
  return Object.fromEntries(Object.entries(wishes).filter(([, value]) => value !== undefined));
}

const NO_REALTIME =
  'no vCPU gets a real-time priority: one that never sleeps would starve the kernel threads of its CPU, corosync may then miss its deadline, and the node is fenced. A CPU of its own is all that it needs; see docs/quiet-host.md';

/** Keys that one would expect, with why there are none (docs/decisions/010, docs/quiet-host.md). */
const REFUSED_KEYS: ReadonlyMap<string, string> = new Map([
  [
    'exposeThreads',
    'there is no "exposeThreads": guests see threads only by `args: -smp …`, which is the operator\'s own line; leave it out',
  ],
  ...['realtime', 'rt', 'scheduler', 'chrt', 'fifo', 'rtPriority'].map(key => [key, NO_REALTIME] as const),
]);

function describeIssue(issue: z.core.$ZodIssue, document: PolicyDocument): ParseError {
  const where = issue.path.length === 0 ? 'the policy' : issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const refused = REFUSED_KEYS.get(key);
    if (refused) return new ParseError(`${where}: ${refused}`, document.position([...issue.path, key], 'key'));
    const known = knownKeys(issue.path);
    const guess = closestWord(key, known);
    const hint = guess ? `; did you mean "${guess}"?` : `; known here: ${known.join(', ')}`;
    return new ParseError(`${where}: unknown key "${key}"${hint}`, document.position([...issue.path, key], 'key'));
  }
  const position = document.position(issue.path);
  if (issue.code === 'invalid_value') {
    const allowed = issue.values.map(String);
    const found = document.scalar(issue.path);
    const guess = closestWord(String(found), allowed);
    const missing = found === undefined ? 'is missing' : `"${String(found)}" is not possible`;
    const hint = guess && found !== undefined ? `; did you mean "${guess}"?` : `; expected ${allowed.join(', ')}`;
    return new ParseError(`${where}: ${missing}${hint}`, position);
  }
  if (issue.code === 'invalid_key') {
    const kind = issue.path[0] === 'guests' ? 'guests are named by their VMID' : 'not a Proxmox tag';
    return new ParseError(`${where}: ${kind}`, document.position(issue.path, 'key'));
  }
  if (issue.code === 'invalid_type' && issue.path.at(-1) === 'reason' && document.scalar(issue.path) === undefined) {
    return new ParseError(`${where}: is missing; say why this finding is ignored`, position);
  }
  if (issue.code === 'invalid_type')
    return new ParseError(`${where}: expected ${nameOfType(issue.expected)}`, position);
  if (issue.code === 'too_small') return new ParseError(`${where}: must be at least ${issue.minimum}`, position);
  if (issue.code === 'too_big') return new ParseError(`${where}: must be at most ${issue.maximum}`, position);
  return new ParseError(`${where}: ${issue.message}`, position);
}

function nameOfType(expected: string): string {
  if (expected === 'int' || expected === 'number') return 'a whole number';
  if (expected === 'string') return 'a text';
  if (expected === 'array') return 'a list';
  return expected === 'object' || expected === 'record' ? 'a map' : expected;
}

/** The keys that may stand at a path of the policy. */
function knownKeys(path: readonly PropertyKey[]): string[] {
  if (path.length === 0) return Object.keys(policyJson.shape);
  if (path[0] === 'doctor') return path.length === 1 ? ['ignore'] : Object.keys(ignoreEntryJson.shape);
  if (path[0] !== 'host') return Object.keys(guestPolicyJson.shape);
  if (path[1] === 'layers') return [...LAYERS];
  return path[1] === 'housekeeping' ? ['coresPerNode', 'cpus'] : ['housekeeping', 'isolation', 'interrupts', 'layers'];
}
