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
  const problems = result.error.issues.map(issue => `${issue.path.join('.') || 'the whole file'}: ${describe(issue)}`);
  throw new ParseError(problems.slice(0, 5).join('; '), { file });
}

function describe(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return `expected ${issue.expected}`;
  if (issue.code === 'unrecognized_keys') return `unknown ${issue.keys.join(', ')}`;
  if (issue.code === 'invalid_value')
    return `expected ${issue.values.map(value => JSON.stringify(value)).join(' or ')}`;
  return issue.message;
}

/** JSON text of a value, as our files and `--json` have it: pure ASCII, since texts of configs are bytes in no known encoding. */
export function encodeJson<Value>(schema: z.ZodMiniType<Value, unknown>, value: Value): string {
  const json = JSON.stringify(z.encode(schema, value), null, 2);
  return `${json.replace(/[\u007f-\uffff]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}
