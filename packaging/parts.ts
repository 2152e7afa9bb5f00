// What third parties have written that is in the package: npm packages, and Node with what is linked into it.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NODE } from './make-executable.ts';
import { runTool } from './run-tool.ts';

export interface Part {
  readonly name: string;
  readonly version: string;
  /** As SPDX has it. */
  readonly license: string;
  /** The text of its licence with its copyright; null when the package has none. */
  readonly licenseText: string | null;
  readonly author: string | null;
  /** Where it is installed; null for what is inside the executable. */
  readonly installedIn: string | null;
}

/** Name and version of what Node links, such as `openssl`. */
export type NodeParts = Readonly<Record<string, string>>;

/** Beside the executable, because neither native code nor WebAssembly can be bundled: files of npm packages, by package. */
export const BESIDE: Readonly<Record<string, readonly string[]>> = {
  koffi: ['package.json', 'index.cjs', 'src/koffi/index.cjs', 'src/koffi/src/static.cjs'],
  '@koromix/koffi-linux-x64': ['package.json', 'index.js', 'linux_x64/koffi.node'],
  highs: ['package.json', 'build/highs.js', 'build/highs.wasm'],
};

/**
 * Where they are installed, named after their versions: a program that runs on after an upgrade finds its own or none, never another's.
 * Example: `/usr/lib/berth/koffi-3.3.4-highs-1.14.2`.
 */
export function nameLibrary(): string {
  const names = Object.keys(BESIDE).filter(name => !name.startsWith('@'));
  return `/usr/lib/berth/${names.map(name => `${name}-${readPart(join('node_modules', name), null).version}`).join('-')}`;
}

/** @param bundled names of the npm packages in the bundle */
export const readPackageParts = (bundled: readonly string[]): readonly Part[] => [
  ...bundled.map(name => readPart(join('node_modules', name), null)),
  ...Object.keys(BESIDE).map(name => readPart(join('node_modules', name), `${nameLibrary()}/node_modules/${name}`)),
];

/** Its package is named after the machine that it is for. */
export const readNode = (): Part => ({ ...readPart(NODE, null), name: 'node' });

export function readNodeParts(): NodeParts {
  const versions = runTool([join(NODE, 'bin/node'), '--print', 'JSON.stringify(process.versions)']).toString();
  // Versions of interfaces are none of parts, and what is not linked has none.
  const { node, modules, napi, ...parts } = JSON.parse(versions) as Record<string, string>;
  return Object.fromEntries(Object.entries(parts).filter(([, version]) => version !== ''));
}

function readPart(directory: string, installedIn: string | null): Part {
  const { name, version, license, author } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  const file = readdirSync(directory).find(entry => /^(licen[cs]e|copying)(\.(md|txt))?$/i.test(entry));
  return {
    ...{ name, version, license, installedIn },
    licenseText: file === undefined ? null : readFileSync(join(directory, file), 'utf8').trim(),
    author: typeof author === 'string' ? author : (author?.name ?? null),
  };
}
