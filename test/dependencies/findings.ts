import { z } from 'zod';

const Names = z.record(z.string(), z.string()).default({});

export const Manifest = z.object({
  dependencies: Names,
  devDependencies: Names,
  optionalDependencies: Names,
  allowScripts: z.record(z.string(), z.boolean()).default({}),
});
export type Manifest = z.infer<typeof Manifest>;

const Locked = z.object({
  version: z.string().optional(),
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  license: z.string().optional(),
  deprecated: z.string().optional(),
  inBundle: z.boolean().default(false),
  hasInstallScript: z.boolean().default(false),
});
export const Lock = z.object({ lockfileVersion: z.literal(3), packages: z.record(z.string(), Locked) });
export type Lock = z.infer<typeof Lock>;

/** What may be used, and what it asks of us beyond naming its authors, if anything. */
export const LICENCES: Readonly<Record<string, string>> = {
  MIT: '',
  'MIT-0': '',
  ISC: '',
  '0BSD': '',
  'BSD-2-Clause': '',
  'BSD-3-Clause': '',
  'Apache-2.0': '',
  'BlueOak-1.0.0': '',
  'Python-2.0': '',
  Unlicense: '',
  'MPL-2.0': 'Its own files stay under it; they are used as they come.',
};

const EXACT = /^(npm:(@[\w-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/;
const SHA512 = /^sha512-[A-Za-z0-9+/]{86}==$/;

/** What is wrong with the dependencies, each as a sentence; nothing when they are as they should be. */
export const findings = (manifest: Manifest, lock: Lock): string[] => {
  const asked = { ...manifest.dependencies, ...manifest.devDependencies, ...manifest.optionalDependencies };
  const locked = Object.entries(lock.packages).filter(([path]) => path !== '');
  return [
    ...Object.entries(asked)
      .filter(([, version]) => !EXACT.test(version))
      .map(([name, version]) => `${name} is asked for as ${version}, which is not one version of a registry`),
    ...locked.flatMap(([path, one]) => wrongWith(path, one, manifest)),
    ...severalRegistries(locked.map(([, one]) => one)),
  ];
};

const wrongWith = (path: string, one: z.infer<typeof Locked>, { allowScripts }: Manifest): string[] => {
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  return [
    // What comes inside of another package comes under the other's hash.
    !one.inBundle && !SHA512.test(one.integrity ?? '') && `${name} has no hash that it could be held to`,
    !isAllowed(one.license) && `${name} has the licence ${one.license ?? '(none)'}`,
    one.hasInstallScript && !(name in allowScripts) && `${name} would run a script when it is installed`,
    one.deprecated && `${name} is deprecated: ${one.deprecated}`,
  ].filter((finding) => typeof finding === 'string');
};

/** An expression of SPDX with alternatives is fine with one that is. */
const isAllowed = (licence = ''): boolean =>
  licence
    .replace(/^\(|\)$/g, '')
    .split(' OR ')
    .some((one) => one in LICENCES);

const severalRegistries = (locked: readonly z.infer<typeof Locked>[]): string[] => {
  const origins = [...new Set(locked.flatMap(({ resolved }) => (resolved ? [originOf(resolved)] : [])))];
  return origins.length > 1 || origins.includes('') ? [`Packages come from several places: ${origins.join(', ')}`] : [];
};

const originOf = (address: string): string => {
  const { protocol, origin } = new URL(address);
  return protocol === 'https:' ? origin : address;
};
