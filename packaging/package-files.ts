// Every file of the package: where it is installed, and from what it is made.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { program } from '#cli/program.ts';
import { makeSite } from '../site/make-site.ts';
import { renderCopyright } from './copyright.ts';
import { BESIDE, type NodeParts, nameLibrary, type Part, readPackageParts } from './parts.ts';
import { makeSbom } from './sbom.ts';
import { renderBashCompletion } from './words/bash-completion.ts';
import { makeCommandTree } from './words/command-tree.ts';
import { renderFishCompletion } from './words/fish-completion.ts';
import { renderManPage } from './words/man-page.ts';
import { renderZshCompletion } from './words/zsh-completion.ts';

export interface PackageFile {
  /** Absolute, as on the machine where it is installed. */
  readonly path: string;
  readonly content: string | Buffer;
  /** Default 0o644. */
  readonly mode?: number;
}

export interface Release {
  readonly version: string;
  /** Of the sources, in seconds since 1970. */
  readonly epoch: number;
}

export interface PackageInput {
  /** Its path. */
  readonly executable: string;
  /** What the executable is made of beside the bundle, with what is linked into it. */
  readonly node: Part;
  readonly nodeParts: NodeParts;
  readonly release: Release;
}

export const UNIT_PATH = '/usr/lib/systemd/system/berth.service';
const DOC = '/usr/share/doc/berth';

/** @throws Error when something is missing that the build should have made */
export function listPackageFiles({ executable, node, nodeParts, release }: PackageInput): readonly PackageFile[] {
  const bundled: readonly string[] = JSON.parse(readFileSync('dist/packages.json', 'utf8'));
  const parts = [...readPackageParts(bundled), node].sort((a, b) => (a.name < b.name ? -1 : 1));
  return [
    { path: '/usr/bin/berth', content: readFileSync(executable), mode: 0o755 },
    ...Object.entries(BESIDE).flatMap(([name, files]) =>
      files.map(file => copyOf(join('node_modules', name, file), `${nameLibrary()}/node_modules/${name}/${file}`)),
    ),
    copyOf('packaging/systemd/berth.service', UNIT_PATH),
    ...wordFiles(release),
    ...documentFiles(release, parts, nodeParts),
  ];
}

function wordFiles({ version, epoch }: Release): readonly PackageFile[] {
  const tree = makeCommandTree(program);
  const date = new Date(epoch * 1000).toISOString().slice(0, 10);
  return [
    { path: '/usr/share/man/man1/berth.1.gz', content: compress(renderManPage(tree, { version, date })) },
    { path: '/usr/share/bash-completion/completions/berth', content: renderBashCompletion(tree) },
    { path: '/usr/share/zsh/vendor-completions/_berth', content: renderZshCompletion(tree) },
    { path: '/usr/share/fish/vendor_completions.d/berth.fish', content: renderFishCompletion(tree) },
  ];
}

function documentFiles(release: Release, parts: readonly Part[], nodeParts: NodeParts): readonly PackageFile[] {
  const sbom = makeSbom({ ...release, parts, nodeParts });
  return [
    { path: `${DOC}/copyright`, content: renderCopyright(parts) },
    { path: `${DOC}/changelog.gz`, content: compress(renderChangelog(release)) },
    { path: `${DOC}/sbom.cdx.json`, content: `${JSON.stringify(sbom, null, 2)}\n` },
    copyOf('packaging/examples/policy.yaml', `${DOC}/examples/policy.yaml`),
    copyOf('packaging/debian/lintian-overrides', '/usr/share/lintian/overrides/berth'),
    ...[...makeSite()].map(([path, content]) => ({ path: `${DOC}/html/${path}`, content })),
  ];
}

export const MAINTAINER = 'The Berth authors <berth@users.noreply.github.com>';

/** Debian wants one; what has changed is in the history of the sources. */
const renderChangelog = ({ version, epoch }: Release): string =>
  `berth (${version}) stable; urgency=medium

  * What has changed is in the history of the sources.

 -- ${MAINTAINER}  ${new Date(epoch * 1000).toUTCString().replace('GMT', '+0000')}
`;

function copyOf(source: string, path: string, mode?: number): PackageFile {
  return { path, content: readFileSync(source), ...(mode === undefined ? {} : { mode }) };
}

/** Without a name and a time, so that it is the same every time. */
const compress = (text: string): Buffer => gzipSync(text, { level: 9 });
