// What is said of other people's software in the package: its licences, and the bill of materials.
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { renderCopyright } from './copyright.ts';
import type { Part } from './parts.ts';
import { BESIDE, readPackageParts } from './parts.ts';
import { makeSbom } from './sbom.ts';

const BUNDLED = ['@assemblyscript/loader', 'commander', 'pako', 'saxes', 'yaml', 'zod'];
const node: Part = {
  ...{ name: 'node', version: '24.21.0', license: 'MIT', licenseText: 'as Node says', author: null, installedIn: null },
};
const parts = [...readPackageParts(BUNDLED), node];
const sbom = () =>
  makeSbom({ version: '0.1.0', parts, nodeParts: { openssl: '3.5.8', v8: '13.6' }, epoch: 1_700_000_000 });

/** What the schema of CycloneDX 1.6 asks of these keys; it allows no others here. */
const component = z.strictObject({
  type: z.enum(['application', 'library', 'platform']),
  'bom-ref': z.string().min(1),
  name: z.string().min(1),
  version: z.string().min(1),
  purl: z.string().regex(/^pkg:(npm|deb|generic)\/(%40[\w-]+\/)?[\w.-]+@[\w.%-]+(\?arch=amd64)?$/),
  licenses: z.optional(z.tuple([z.strictObject({ expression: z.string().regex(/^[\w.-]+( (AND|OR) [\w.-]+)*$/) })])),
  get components() {
    return z.optional(z.array(component));
  },
});
const cycloneDx = z.strictObject({
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.literal('1.6'),
  serialNumber: z.string().regex(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
  version: z.literal(1),
  metadata: z.strictObject({ timestamp: z.iso.datetime(), component }),
  components: z.array(component),
  dependencies: z.array(z.strictObject({ ref: z.string(), dependsOn: z.array(z.string()) })),
});

describe('makeSbom()', () => {
  it('is what the format asks for', () => {
    expect(() => cycloneDx.parse(sbom())).not.toThrow();
  });

  it('lists what is bundled, what is beside the executable, and Node with what it links', () => {
    const names = sbom().components.map(({ name }) => name);
    expect(names.toSorted()).toEqual([...BUNDLED, ...Object.keys(BESIDE), 'node'].sort());
    expect(sbom().components.find(({ name }) => name === 'node')?.components).toMatchObject([
      { name: 'openssl', version: '3.5.8' },
      { name: 'v8' },
    ]);
    expect(sbom().components.map(({ purl }) => purl)).toContain('pkg:npm/%40koromix/koffi-linux-x64@3.3.4');
  });

  it('refers to each component once', () => {
    const refs = sbom().components.map(each => each['bom-ref']);
    expect(new Set(refs).size).toBe(refs.length);
    expect(sbom().dependencies).toEqual([{ ref: 'pkg:deb/berth@0.1.0?arch=amd64', dependsOn: refs }]);
  });

  it('is the same for the same parts, and has another serial number for others', () => {
    expect(sbom()).toEqual(sbom());
    const other = makeSbom({ version: '0.1.0', parts: [node], nodeParts: {}, epoch: 0 });
    expect(other.serialNumber).not.toBe(sbom().serialNumber);
  });
});

describe('renderCopyright()', () => {
  it('has every part with a text', () => {
    const copyright = renderCopyright(parts);
    for (const { name, version } of parts) expect(copyright).toContain(`\n${name} ${version}: `);
    expect(copyright).toContain('as Node says');
  });

  it('takes the text of the same project, else the standard one', () => {
    const copyright = renderCopyright(parts);
    const section = (name: string) => copyright.slice(copyright.indexOf(`\n${name} `)).split('\n=====')[1] ?? '';
    expect(section('@koromix/koffi-linux-x64')).toContain('Permission is hereby granted, free of charge');
    expect(section('saxes')).toMatch(/Copyright: Louis-Dominique Dubeau.*\n\nPermission to use, copy/);
    expect(section('@assemblyscript/loader')).toContain('/usr/share/common-licenses/Apache-2.0');
  });

  it('refuses a part without a text', () => {
    const unknown = { ...node, name: 'x', license: 'Beerware', licenseText: null };
    expect(() => renderCopyright([unknown])).toThrow('x comes without the text of its licence (Beerware)');
  });
});
