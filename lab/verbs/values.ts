// Values that several steps take.
import * as z from 'zod/mini';

export const vmidValue = z.int().check(z.gte(100));

/** Texts that must all be in what a program said. */
export const textsValue = z.union([z.string(), z.array(z.string())]);

export const listTexts = (texts: string | readonly string[] | undefined): readonly string[] =>
  texts === undefined ? [] : typeof texts === 'string' ? [texts] : texts;

/** A CPU list: `4`, `"4-7"`. YAML reads one CPU as a number. */
export const cpuListValue = z.union([z.string(), z.int()]);

/** YAML's keys are texts or numbers; VMIDs and vCPU numbers come out as texts. */
export const byNumber = <T extends z.ZodMiniType>(value: T) =>
  z.record(z.string().check(z.regex(/^\d+$/, 'expected a number')), value);

/** How long an expectation may take to come true. */
export const within = z.optional(z.number().check(z.positive()));
