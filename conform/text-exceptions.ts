// Where recorded texts cannot be read, or disagree with each other or with the files, and why that is no fault of ours.

interface TextException {
  /** Of the case's name. */
  readonly form: RegExp;
  readonly reason: string;
}

const MODULES =
  'Opteron modules: lstopo counts each half as a core; the kernel and lscpu make the halves thread siblings of one';

const EXCEPTIONS: readonly TextException[] = [
  { form: /64amd64-4[sp]2n4ca2co core (\S+\/lstopo\.xml|lstopo\.xml\/\S+)$/, reason: MODULES },
  {
    form: /fakeheterocpunuma numa sysfs\//,
    reason:
      'made up: some CPUs are in no node; reading the files we put every CPU into one, texts are taken as they are',
  },
  {
    form: /rv64-\S+\.lscpu-(p\.txt|e\.txt|Je\.json)$/,
    reason: 'RISC-V: lscpu 2.38 prints rows without a CPU number, which is an error at the first of them',
  },
];

export const findTextException = (name: string): string | null =>
  EXCEPTIONS.find(({ form }) => form.test(name))?.reason ?? null;

/** An exception whose cases all agree hides the next fault: it goes. */
export const findUnneededExceptions = (
  agreeing: readonly string[],
  failing: readonly string[],
): readonly { readonly case: string; readonly detail: string }[] =>
  EXCEPTIONS.filter(({ form }) => agreeing.some(name => form.test(name)) && !failing.some(name => form.test(name))).map(
    ({ form }) => ({ case: form.source, detail: 'all its cases agree, yet it is listed as an exception' }),
  );
