// The English of findings about other nodes and about what the whole cluster reads.
import type { ClusterFacts } from '#domain/doctor/cluster-facts.ts';
import { printable } from '../printable.ts';
import type { DoctorMessages } from './message.ts';

const list = (words: readonly string[]): string => words.map(printable).join(', ');

const MISSING: Readonly<Record<ClusterFacts['hookscript-missing']['problem'], string>> = {
  'storage-unknown': 'Proxmox knows no such storage, or it is disabled',
  'storage-elsewhere': 'this node does not have that storage',
  file: 'there is no such file',
};

export const clusterMessages: DoctorMessages<ClusterFacts> = {
  'hookscript-missing': {
    what: f => `It cannot start: its hookscript is ${printable(f.volume)}, and ${MISSING[f.problem]}.`,
    why: 'Proxmox runs the hookscript before each start, and gives the start up when it is not there or cannot be executed.',
    advice: (f, subject) =>
      f.problem === 'file'
        ? `Put the file back (\`pvesm path ${printable(f.volume)}\` says where) and make it executable, or \`qm set ${subject} --delete hookscript\` (\`pct\` for a container).`
        : `Keep the script on a storage that this node has, or \`qm set ${subject} --delete hookscript\` (\`pct\` for a container).`,
  },
  'hookscript-not-elsewhere': {
    what: f => {
      const absent = f.absent.length === 0 ? [] : [`is not on ${list(f.absent)}`];
      const unseen = f.unseen.length === 0 ? [] : [`has not been seen on ${list(f.unseen)}`];
      return `Its hookscript ${printable(f.volume)} ${[...absent, ...unseen].join(' and ')}, where it may be started.`;
    },
    why: 'Proxmox copies no hookscript to other nodes. Without it the start there is given up, by high availability as by hand.',
    advice: () =>
      'Copy it to the same place on these nodes and make it executable, or keep it on a shared storage. `berth apply` on a node publishes which snippets it has.',
  },
  'pins-travel': {
    what: f => {
      const different =
        f.different.length === 0 ? [] : [`${list(f.different)}, where the same numbers are other CPUs or nodes`];
      const unseen = f.unseen.length === 0 ? [] : [`${list(f.unseen)}, of which Berth knows nothing`];
      return `Its ${list(f.keys)} ${f.keys.length === 1 ? 'goes' : 'go'} along to ${[...different, ...unseen].join(', and to ')}.`;
    },
    why: 'A config has one affinity for all nodes, and nobody compares it with the machine: after a failover the guest runs on whatever cores have these numbers there, or does not start.',
    advice: (_, subject) =>
      `See \`berth migrate-check ${subject} NODE\` for what would happen. Keep it on like machines with a strict node-affinity rule, or leave the lines out and let Berth on each node place it.`,
  },
  'tag-unregistered': {
    what: f =>
      `The policy gives CPUs by ${f.tags.length === 1 ? 'tag' : 'tags'} ${list(f.tags)}, which guests ${f.vmids.join(', ')} carry, but ${f.tags.length === 1 ? 'it is' : 'they are'} not registered and so ignored.`,
    why: 'Whoever may edit the options of a guest may give it any tag that is not registered: it would be a claim on CPUs that needs no privilege on the host.',
    advice: f =>
      `Register ${f.tags.length === 1 ? 'it' : 'them'}: from then on only users with Sys.Modify on / can set or remove ${f.tags.length === 1 ? 'it' : 'them'}. Look first at who carries ${f.tags.length === 1 ? 'it' : 'them'} now.`,
  },
  'policy-guest-absent': {
    what: f =>
      `The policy names ${f.vmids.length === 1 ? 'guest' : 'guests'} ${f.vmids.join(', ')}, which no node has.`,
    why: 'An entry without a guest does nothing now, and falls to whoever gets that VMID next.',
    advice: () => 'Remove the entry from /etc/pve/berth/policy.yaml, or correct the number.',
  },
};
