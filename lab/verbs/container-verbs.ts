// Steps with containers: their cgroups are real, what runs in them only sleeps.
import * as z from 'zod/mini';
import { startContainer } from '../guest/container.ts';
import { byNumber, cpuListValue } from './values.ts';
import { verb } from './verb.ts';

export const containerVerbs = {
  /** Containers start with these CPUs, which Proxmox has chosen: `containers: { 200: 1-2 }`. */
  containers: verb(z.strictObject({ containers: byNumber(cpuListValue) }), ({ containers }) => {
    for (const [vmid, cpus] of Object.entries(containers)) startContainer(Number(vmid), `${cpus}`);
  }),
};
