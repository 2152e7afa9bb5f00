// Facts of findings about a guest that may be started on another node, and about what the whole cluster reads.
import type { VmId } from '../ids.ts';

export interface ClusterFacts {
  /** `problem`: Proxmox knows no such storage, this node has none, or the file is not in it. */
  'hookscript-missing': { readonly volume: string; readonly problem: 'storage-unknown' | 'storage-elsewhere' | 'file' };
  /** `absent`: nodes that do not have it; `unseen`: nodes that keep files of their own and have not said which. */
  'hookscript-not-elsewhere': {
    readonly volume: string;
    readonly absent: readonly string[];
    readonly unseen: readonly string[];
  };
  /** `different`: nodes that are another machine; `unseen`: nodes that have not said what they are. */
  'pins-travel': {
    readonly keys: readonly string[];
    readonly different: readonly string[];
    readonly unseen: readonly string[];
  };
  /** `vmids`: guests that carry one of them; `registered`: what the list would be. */
  'tag-unregistered': {
    readonly tags: readonly string[];
    readonly vmids: readonly VmId[];
    readonly registered: readonly string[];
  };
  'policy-guest-absent': { readonly vmids: readonly VmId[] };
}
