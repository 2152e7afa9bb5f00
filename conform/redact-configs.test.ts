// Recorded configs without their names mean the same: every fact that a plan uses, and a warning for the same lines.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { vmId } from '#domain/ids.ts';
import { parseContainerGuest } from '#proxmox/parse-container-guest.ts';
import { parseVmGuest } from '#proxmox/parse-vm-guest.ts';
import { Pseudonyms } from '#proxmox/pseudonyms.ts';
import { redactGuestConfig } from '#proxmox/redact-guest-config.ts';
import { readJsonLines } from './read-corpus.ts';

const corpora = process.env.BERTH_CORPORA ?? '../shared/corpora';
const vmid = vmId(100);

/** Of all other keys only that they are there: their values may name storages and networks. */
const PLACEMENT_KEY =
  /^(affinity|numa\d*|sockets|cores|vcpus|memory|balloon|hotplug|(keep)?hugepages|cpu(limit|units))$|cpuset/;

/** What names have no part in. A value that Proxmox drops has no meaning to keep. */
function meaningOf(text: string, kind: 'vm' | 'container'): unknown {
  const parse = kind === 'vm' ? parseVmGuest : parseContainerGuest;
  const { guest, warnings } = parse({ vmid, configPath: '/x', digest: '', text });
  const { name, text: _, identity, tags, raw, pending, ...facts } = guest;
  return {
    facts,
    raw: keptValues(raw),
    pending: keptValues(pending),
    lines: warnings.map(warning => /^line \d+/.exec(warning)?.[0]),
  };
}

const keptValues = (values: ReadonlyMap<string, string | null>): unknown =>
  [...values].map(([key, value]) => (PLACEMENT_KEY.test(key) ? [key, value] : [key]));

describe.skipIf(!existsSync(corpora) && process.env.CI !== 'true')('redactGuestConfig()', () => {
  it.each(['vm', 'container'] as const)('keeps what every recorded config means to a %s', kind => {
    const cases = readJsonLines(join(corpora, 'pve/config-parse.jsonl')) as readonly { readonly text: string }[];
    expect(cases.length).toBeGreaterThan(100);
    for (const { text } of cases) {
      const redacted = redactGuestConfig(text, { kind, vmid, names: new Pseudonyms() });
      expect(meaningOf(redacted, kind), text).toEqual(meaningOf(text, kind));
    }
  });
});
