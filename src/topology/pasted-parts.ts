// A pasted topology before its text has a name: the form in which each parser hands it over.
import type { PastedTopology } from '#domain/pasted-topology.ts';

/** `unknown` holds the reasons alone. */
export type PastedParts = Omit<PastedTopology, 'unknown'> & { readonly unknown: readonly string[] };
