// Makes a Debian package of files: lays them out, adds what dpkg wants to know, and has dpkg-deb put it together.
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MAINTAINER, type PackageFile, type Release } from './package-files.ts';
import { runTool } from './run-tool.ts';

export interface DebInput {
  readonly files: readonly PackageFile[];
  readonly release: Release;
  /** An empty directory, in which the files are then laid out as on the machine. */
  readonly root: string;
  readonly output: string;
  /** Default xz. Without any it is there at once: for trials. */
  readonly compression?: 'xz' | 'none';
}

const SCRIPTS = ['postinst', 'prerm', 'postrm'];

/** The same bytes from the same input: dpkg-deb sorts, and takes its times from SOURCE_DATE_EPOCH. @throws Error with what it said. */
export function makeDeb({ files, release, root, output, compression = 'xz' }: DebInput): void {
  for (const { path, content, mode = 0o644 } of files) writeAt(join(root, path), content, mode);
  const control = join(root, 'DEBIAN');
  writeAt(join(control, 'control'), renderControl(files, release), 0o644);
  writeAt(join(control, 'md5sums'), files.map(renderSum).join(''), 0o644);
  for (const script of SCRIPTS) {
    cpSync(join('packaging/debian', script), join(control, script));
    chmodSync(join(control, script), 0o755);
  }
  const env = { ...process.env, SOURCE_DATE_EPOCH: `${release.epoch}` };
  // The quickest level, 12 s instead of 70 for 5 MB more: what is tested at every change is what is installed.
  const options = ['--root-owner-group', ...(compression === 'xz' ? ['-Zxz', '-z1', '--threads-max=1'] : ['-Znone'])];
  runTool(['dpkg-deb', ...options, '--build', root, output], { env });
}

/** Of what the executable and its native binding link (`objdump -T`). */
const DEPENDS = 'libc6 (>= 2.28), libgcc-s1, libstdc++6';

const renderControl = (files: readonly PackageFile[], { version }: Release): string => `Package: berth
Version: ${version}
Architecture: amd64
Maintainer: ${MAINTAINER}
Installed-Size: ${Math.ceil(files.reduce((sum, { content }) => sum + content.length, 0) / 1024)}
Depends: ${DEPENDS}
Enhances: qemu-server
Section: admin
Priority: optional
Description: dedicated cores, caches and local memory for Proxmox VE guests
 Berth reads what the host really is, plans all guests together, shows the
 plan and its reasons before anything changes, applies it as one transaction
 that can be undone, keeps it true across restarts, and measures what it is
 good for.
 .
 The package needs no Node.js and no network. Installing it changes no guest.
`;

const renderSum = ({ path, content }: PackageFile): string =>
  `${createHash('md5').update(content).digest('hex')}  ${path.slice(1)}\n`;

function writeAt(path: string, content: string | Buffer, mode: number): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  writeFileSync(path, content);
  chmodSync(path, mode);
}
