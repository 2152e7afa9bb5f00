// The software bill of materials, in CycloneDX 1.6: what is in the package, for programs that look for known weaknesses.
import { createHash } from 'node:crypto';
import type { NodeParts, Part } from './parts.ts';

export interface SbomInput {
  readonly version: string;
  readonly parts: readonly Part[];
  readonly nodeParts: NodeParts;
  /** Of the sources, in seconds since 1970. */
  readonly epoch: number;
}

interface Component {
  readonly type: 'application' | 'library' | 'platform';
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly licenses?: ReadonlyArray<{ readonly expression: string }>;
  readonly components?: readonly Component[];
}

/** Keys as the format has them; the same input gives the same object, its serial number included. */
export function makeSbom({ version, parts, nodeParts, epoch }: SbomInput) {
  const linked = Object.entries(nodeParts).map(([name, linkedVersion]) =>
    makeComponent('library', `pkg:generic/${name}@${encodeURIComponent(linkedVersion)}`, name, linkedVersion),
  );
  const components = parts.map((part): Component => {
    const { name, version: its, license } = part;
    if (name === 'node') {
      return {
        ...makeComponent('platform', `pkg:generic/node@${its}`, name, its),
        ...licenses(license),
        components: linked,
      };
    }
    return { ...makeComponent('library', encodePurl(part), name, its), ...licenses(license) };
  });
  const root = {
    ...makeComponent('application', `pkg:deb/berth@${version}?arch=amd64`, 'berth', version),
    ...licenses('Apache-2.0'),
  };
  const content = {
    metadata: { timestamp: new Date(epoch * 1000).toISOString(), component: root },
    components,
    dependencies: [{ ref: root['bom-ref'], dependsOn: components.map(component => component['bom-ref']) }],
  };
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${makeUuid(JSON.stringify(content))}`,
    version: 1,
    ...content,
  };
}

const makeComponent = (type: Component['type'], purl: string, name: string, version: string): Component => ({
  ...{ type, name, version, purl },
  'bom-ref': purl,
});

const licenses = (expression: string) => ({ licenses: [{ expression: expression.replace(/^\((.*)\)$/, '$1') }] });

/** The scope is a namespace, whose at sign is encoded (package-url: npm). */
const encodePurl = ({ name, version }: Part): string => `pkg:npm/${name.replace('@', '%40')}@${version}`;

/** Version 8 of RFC 9562: made of whatever one likes, here of a digest. */
function makeUuid(text: string): string {
  const digest = createHash('sha256').update(text).digest('hex');
  const variant = ((Number.parseInt(digest.charAt(16), 16) & 3) | 8).toString(16);
  return [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `8${digest.slice(13, 16)}`,
    `${variant}${digest.slice(17, 20)}`,
    digest.slice(20, 32),
  ].join('-');
}
