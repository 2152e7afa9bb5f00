// The file `copyright`: the licence of Berth, and of everything by others that is in the package.
import type { Part } from './parts.ts';

/** Licences that need no copyright line of their own, for parts that come without a text. */
const STANDARD: Readonly<Record<string, string>> = {
  'Apache-2.0': 'On Debian systems the text of this licence is in /usr/share/common-licenses/Apache-2.0.',
  ISC: `Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted, provided that the above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.`,
};

/** @throws Error naming a part of which no licence text is known. */
export function renderCopyright(parts: readonly Part[]): string {
  const sections = parts.map(part => {
    const { name, version, license, installedIn } = part;
    const where = installedIn ?? 'in /usr/bin/berth';
    return `${RULE}\n${name} ${version}: ${license} (${where})\n${RULE}\n\n${findText(part, parts)}\n`;
  });
  return `${INTRODUCTION}\n${sections.join('\n')}`;
}

const RULE = '='.repeat(80);

const INTRODUCTION = `Berth gives latency-critical Proxmox VE guests their own cores, caches and
local memory. It is licensed under the Apache License, Version 2.0:
/usr/share/common-licenses/Apache-2.0 has its text on Debian systems.

Copyright: the Berth authors

The package contains software by others, under the licences that follow:
npm packages, and Node.js, of which the executable is made.
sbom.cdx.json beside this file lists them for programs.
`;

/** Its own, that of another part of the same project, or the standard one. */
function findText(part: Part, parts: readonly Part[]): string {
  const { name, license, author, licenseText } = part;
  if (licenseText !== null) return licenseText;
  const sibling = parts.find(other => other.author === author && other.license === license && other.licenseText);
  const text = sibling?.licenseText ?? STANDARD[license];
  if (text === undefined) throw new Error(`${name} comes without the text of its licence (${license})`);
  return `Copyright: ${author ?? `the authors of ${name}`}\n\n${text}`;
}
