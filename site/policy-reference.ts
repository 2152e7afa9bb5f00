// The page of the policy's keys, made from the schema that reads the file.

/** As much of JSON Schema as the policy uses. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | false;
}

/** What stands for the name that the operator chooses. */
const NAMES: Readonly<Record<string, string>> = { tags: 'TAG', guests: 'VMID' };

/** Key → its schema, for every key that holds a value: `host.housekeeping.cpus`, `guests.VMID.class`. */
export function listPolicyKeys(schema: Schema, path = ''): readonly (readonly [path: string, schema: Schema])[] {
  const keys = Object.entries(schema.properties ?? {}).flatMap(([key, value]) =>
    listPolicyKeys(value, path === '' ? key : `${path}.${key}`),
  );
  if (keys.length > 0) return keys;
  const chosen = NAMES[path];
  if (chosen !== undefined && schema.additionalProperties)
    return listPolicyKeys(schema.additionalProperties, `${path}.${chosen}`);
  if (schema.type === 'array' && schema.items?.properties !== undefined)
    return listPolicyKeys(schema.items, `${path}[]`);
  return [[path, schema]];
}

/** Markdown. @throws Error for a key that says nothing of itself. */
export function renderPolicyReference(schema: Schema): string {
  const keys = listPolicyKeys(schema).filter(([path]) => !path.startsWith('tags.'));
  const rows = (wanted: (path: string) => boolean) =>
    ['| key | value | |', '|---|---|---|', ...keys.filter(([path]) => wanted(path)).map(renderRow)].join('\n');
  const isOfGuests = (path: string) => path.startsWith('guests.');
  return `# Policy

\`/etc/pve/berth/policy.yaml\` says what is wanted, for all nodes of the cluster. Without the file nothing is dedicated and nothing changes. Every key may be left out; one that does not exist is an error that names its line. \`berth init\` writes a first one, \`berth policy set VMID key=value\` changes it, and comments stay.

An editor that knows JSON Schema can check it while you type: [policy.json](../schemas/policy.json).

## A guest

\`guests: { VMID: { … } }\`, and the same keys for a tag: \`tags: { TAG: { … } }\`. Only tags that are registered in the datacenter's options count, because anybody who may edit a guest can set a free one. What a guest says of itself comes before what its tags say.

${rows(isOfGuests)}

## The host, and everything else

${rows(path => !isOfGuests(path))}
`;
}

function renderRow([path, schema]: readonly [path: string, schema: Schema]): string {
  if (schema.description === undefined) throw new Error(`the policy's key ${path} has no description`);
  return `| \`${path.replace(/^guests\.VMID\./, '')}\` | ${valueText(schema)} | ${schema.description} |`;
}

function valueText({ $ref, type, enum: choices, minimum, maximum, items }: Schema): string {
  if (choices !== undefined && choices.length <= 8) return choices.map(choice => `\`${choice}\``).join(', ');
  if ($ref === '#/$defs/CpuList') return 'CPUs, such as `0-3,8`';
  if (type === 'boolean') return '`true`, `false`';
  if (type === 'integer' && minimum !== undefined) return `a number from ${minimum} to ${maximum}`;
  if (type === 'array' && items !== undefined) return items.$ref === undefined ? 'a list' : 'a list of VMIDs';
  return 'text';
}
