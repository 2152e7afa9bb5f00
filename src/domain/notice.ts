// What an administrator is told of without having asked.
import type { VmId } from './ids.ts';

export type Notice =
  /** It could not be put right for a minute; null: it concerns no single guest. */
  | { readonly kind: 'problem'; readonly vmid: VmId | null; readonly problem: string }
  /** Its vCPUs had to be put back so often within minutes that somebody else must be moving them. */
  | { readonly kind: 'contested'; readonly vmid: VmId; readonly repairs: number };
