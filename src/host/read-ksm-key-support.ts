// Whether this node's Proxmox knows the key `allow-ksm` of a VM's config.
import type { KsmKeySupport } from '#domain/inventory.ts';
import type { TextTree } from '#domain/text-tree.ts';
import { PACKAGES_PATH, parsePackageVersion } from '#proxmox/parse-package-version.ts';

/** Of qemu-server. */
const KNOWN_SINCE = [9, 0, 27] as const;

export function readKsmKeySupport(host: TextTree): KsmKeySupport {
  const version = parsePackageVersion(host.read(PACKAGES_PATH) ?? '', 'qemu-server');
  const numbers = /^(\d+)\.(\d+)\.(\d+)/
    .exec(version ?? '')
    ?.slice(1)
    .map(Number);
  if (numbers === undefined) return 'not-told';
  const differing = KNOWN_SINCE.findIndex((since, index) => numbers[index] !== since);
  const isKnown = differing === -1 || (numbers[differing] ?? 0) > (KNOWN_SINCE[differing] ?? 0);
  return isKnown ? 'known' : 'older';
}
