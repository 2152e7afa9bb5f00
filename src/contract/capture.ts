// `berth/capture/1`: what was written, and what could not be taken.
import * as z from 'zod/mini';
import { unknownJson, wholeNumber } from './values.ts';

export const captureJson = z.strictObject({
  schema: z.literal('berth/capture/1'),
  file: z.string(),
  files: wholeNumber,
  bytes: wholeNumber,
  unknown: z.array(unknownJson),
});
