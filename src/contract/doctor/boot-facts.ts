// JSON of the facts of findings about kernel parameters.
import * as z from 'zod/mini';
import type { BootFacts } from '#domain/doctor/boot-facts.ts';
import type { FactsJson } from './facts-json.ts';

const loader = z.enum(['grub', 'systemd-boot']);
const parameters = z.array(z.string());

export const bootFactsJson = {
  'boot-loader-unused': { loader, parameters },
  'boot-parameter-overridden': { parameters },
  'boot-parameter-pending': { loader, parameters },
  'boot-parameter-vanishing': { loader, parameters },
  'kernel-cmdline-later-lines': { parameters },
  'boot-parameter-harmful': { parameter: z.string(), harm: z.enum(['hides-nodes', 'polls']) },
} satisfies FactsJson<BootFacts>;
