// Proxmox's `key=value,key=value` values: `cpus=0-3,memory=8192,policy=bind`, or `8192` where one key may be left out.
import { ParseError } from '#domain/errors.ts';

export interface PropertyType {
  readonly type: 'integer' | 'number' | 'string';
  readonly optional?: true;
  readonly minimum?: number;
  readonly pattern?: RegExp;
  readonly oneOf?: readonly string[];
}

export interface PropertyFormat {
  readonly properties: Readonly<Record<string, PropertyType>>;
  /** The key that a part without `=` stands for. */
  readonly defaultKey?: string;
}

/**
 * Reads a property string as Proxmox does: empty parts pass, unknown and repeated keys do not.
 * @throws ParseError in Proxmox's words, which are what its log shows for the same value.
 */
export function parsePropertyString(text: string, format: PropertyFormat): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const part of text.split(',')) {
    if (/^[ \t\n\r\f\v]*$/.test(part)) continue;
    const [key, value] = splitPart(part, format);
    if (values.has(key)) throw new ParseError(`duplicate key in comma-separated list property: ${key}`);
    if (!Object.hasOwn(format.properties, key)) {
      throw new ParseError(`invalid key in comma-separated list property: ${key}`);
    }
    values.set(key, value);
  }
  const problems = Object.entries(format.properties).flatMap(([key, type]) => {
    const problem = findProblem(values.get(key), type);
    return problem === null ? [] : [`${key}: ${problem}`];
  });
  if (problems.length > 0) throw new ParseError(['format error', ...problems].join('\n'));
  return values;
}

/** Joins what is set; the order is the caller's. */
export function encodePropertyString(values: Iterable<readonly [key: string, value: string | null]>): string {
  return [...values].flatMap(([key, value]) => (value === null ? [] : [`${key}=${value}`])).join(',');
}

function splitPart(part: string, format: PropertyFormat): readonly [key: string, value: string] {
  const equals = part.indexOf('=');
  if (equals > 0 && equals < part.length - 1) return [part.slice(0, equals), part.slice(equals + 1)];
  if (equals !== -1) throw new ParseError('missing key in comma-separated list property');
  if (format.defaultKey === undefined) {
    throw new ParseError('value without key, but schema does not define a default key');
  }
  return [format.defaultKey, part];
}

const NUMERALS = {
  integer: /^[+-]?\d+$/,
  number: /^[+-]?(\d+\.\d+|\d+\.|\.\d+|\d+)([eE][+-]?\d+)?$/,
};

function findProblem(
  value: string | undefined,
  { type, optional, minimum, pattern, oneOf }: PropertyType,
): string | null {
  if (value === undefined) return optional ? null : 'property is missing and it is not optional';
  if (type !== 'string' && !NUMERALS[type].test(value)) return `type check ('${type}') failed - got '${value}'`;
  if (pattern && !pattern.test(value)) return 'value does not match the regex pattern';
  if (oneOf && !oneOf.includes(value)) {
    return `value '${value}' does not have a value in the enumeration '${oneOf.join(', ')}'`;
  }
  if (minimum !== undefined && Number(value) < minimum) return `value must have a minimum value of ${minimum}`;
  return null;
}
