// The versions that Berth was not built for, in the JSON of every command that changes or promises something.
import * as z from 'zod/mini';

/** Absent: there are none. */
export const untriedFields = {
  untried: z.exactOptional(
    z.array(z.strictObject({ what: z.enum(['proxmox', 'kernel']), version: z.nullable(z.string()) })),
  ),
};
