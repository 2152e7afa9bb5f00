// What is loaded late is found beside the program; an upgrade or a removal may have taken it away while a call was running.
import { HostError } from './host-error.ts';

/**
 * What to throw instead of `error`: anything else than a missing part is thrown as it is.
 * Example: `Cannot find module 'koffi'`, hours after `berth bench` was called.
 */
export function explainMissingPart(error: unknown): unknown {
  const [, name] = (error instanceof Error && /^Cannot find module '([^']+)'/.exec(error.message)) || [];
  if (name === undefined) return error;
  return new HostError(
    'gone',
    `Cannot load ${name}, which is installed beside berth: berth was upgraded or removed while this call ran. Call it again; \`berth history\` shows what was done`,
    { cause: error },
  );
}
