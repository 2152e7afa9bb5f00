// What a node runs that Berth was not built for: said by everything that changes or promises something.

export interface UntriedVersion {
  readonly what: 'proxmox' | 'kernel';
  /** Null: it cannot be told. */
  readonly version: string | null;
}

/** In the JSON of a command; absent where there is nothing untried. */
export interface MaybeUntried {
  readonly untried?: readonly UntriedVersion[];
}
