// Which version of a Debian package is installed.

export const PACKAGES_PATH = '/var/lib/dpkg/status';

/**
 * From dpkg's list of packages, whose paragraphs are apart by empty lines (deb822(5)); null for a package that is not installed, or only half.
 * @example parsePackageVersion('Package: qemu-server\nStatus: install ok installed\nVersion: 9.0.27\n', 'qemu-server') // '9.0.27'
 */
export function parsePackageVersion(status: string, name: string): string | null {
  const paragraph = findPackage(status, name) ?? '';
  const isInstalled = /^Status: \w+ ok installed$/m.test(paragraph);
  return isInstalled ? (/^Version: (\S+)$/m.exec(paragraph)?.[1] ?? null) : null;
}

/** The paragraph about a package, which may be about one that was removed; null without one. */
export function findPackage(status: string, name: string): string | null {
  return `\n${status}`.split(/\n(?=\n)/).find(text => text.includes(`\nPackage: ${name}\n`)) ?? null;
}
