// Reads JSON text into a value, with errors that say where.
import * as z from 'zod/mini';
import { ParseError } from '#domain/errors.ts';

/** @throws ParseError naming the file, and the path inside the JSON that is wrong. */
export function parseJson<Value>(schema: z.ZodMiniType<Value, unknown>, text: string, file: string): Value {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new ParseError(`not valid JSON: ${(error as Error).message}`, { file }, { cause: error });
  }
  const result = z.safeDecode(schema, json as never);
  if (result.success) return result.data;
  const { issues } = result.error;
  const problems = issues.map(issue => `${issue.path.join('.') || 'the whole file'}: ${describe(issue)}`);
  const advice = issues.some(issue => isOfLaterVersion(issue, json)) ? LATER_VERSION : '';
  throw new ParseError(`${problems.slice(0, 5).join('; ')}${advice}`, { file });
}

const LATER_VERSION = '. A later version of Berth may have written it: that one reads it';

/** Later versions add keys and kinds, and count their schema up when that is not all. */
function isOfLaterVersion(issue: z.core.$ZodIssue, json: unknown): boolean {
  if (issue.code === 'unrecognized_keys' || issue.code === 'invalid_union') return true;
  if (issue.path.join('.') !== 'schema' || issue.code !== 'invalid_value') return false;
  const [name = '', number = ''] = splitSchema(issue.values[0]);
  const [itsName, itsNumber = ''] = splitSchema((json as { schema?: unknown }).schema);
  return itsName === name && Number(itsNumber) > Number(number);
}

/** `berth/plan/1` → `berth/plan`, `1`. */
const splitSchema = (schema: unknown): readonly string[] => /^(.*)\/(\d+)$/.exec(`${schema}`)?.slice(1) ?? [];

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return `expected ${issue.expected}`;
  if (issue.code === 'unrecognized_keys') return `unknown ${issue.keys.join(', ')}`;
  if (issue.code === 'invalid_value')
    return `expected ${issue.values.map(value => JSON.stringify(value)).join(' or ')}`;
  if (issue.code === 'invalid_union') return 'unknown';
  return issue.message;
}

/** JSON text of a value, as our files and `--json` have it: pure ASCII, since texts of configs are bytes in no known encoding. */
export function encodeJson<Value>(schema: z.ZodMiniType<Value, unknown>, value: Value): string {
  const json = JSON.stringify(z.encode(schema, value), null, 2);
  return `${json.replace(/[\u007f-\uffff]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}
