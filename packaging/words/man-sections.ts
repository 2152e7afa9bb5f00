// What the man page says beside the commands.

export interface ManSections {
  /** Paragraphs. */
  readonly introduction: readonly string[];
  /** Each entry is a term and what there is to say of it. */
  readonly after: ReadonlyArray<{ readonly title: string; readonly entries: ReadonlyArray<readonly [string, string]> }>;
  /** Pages, as `taskset(1)`. */
  readonly seeAlso: readonly string[];
}

export const SECTIONS: ManSections = {
  introduction: [
    'It runs as root on a Proxmox VE node. A policy says which guests matter; `berth plan` shows where each belongs, why, and what would change; `berth apply` makes it true step by step, each step recorded before it is made; `berth verify` asks the kernel whether it is so; `berth undo` puts everything back.',
    'Without a policy no guest is dedicated and nothing changes.',
  ],
  after: [
    {
      title: 'EXIT STATUS',
      entries: [
        ['0', 'It is true, there was nothing to do, or it was applied and verified.'],
        [
          '1',
          'It could not be done: bad input, refused, or failed. What was done until then is said, and can be undone.',
        ],
        ['2', 'There are changes, findings or deviations, or a guest waits for its restart.'],
      ],
    },
    {
      title: 'ENVIRONMENT',
      entries: [['NO_COLOR', 'When set, nothing is coloured.']],
    },
    {
      title: 'FILES',
      entries: [
        ['/etc/pve/berth/policy.yaml', 'What is wanted, for the whole cluster. Comments survive edits by berth.'],
        ['/etc/pve/berth/nodes/NODE/placement.json', 'The placement in force on a node.'],
        ['/var/lib/berth/journal/', 'What was applied on this node, with everything that was there before.'],
        ['/var/lib/berth/placement.json', 'The last good copy of the placement, for when /etc/pve is not there.'],
        ['/usr/share/doc/berth/examples/policy.yaml', 'A policy to begin with.'],
      ],
    },
  ],
  seeAlso: ['qm(1)', 'pct(1)', 'numactl(8)', 'taskset(1)', 'systemctl(1)'],
};
