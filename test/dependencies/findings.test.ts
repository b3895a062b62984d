import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { findings, Lock, Manifest } from './findings.ts';

const manifest = Manifest.parse(JSON.parse(readFileSync('package.json', 'utf8')));
const lock = Lock.parse(JSON.parse(readFileSync('package-lock.json', 'utf8')));

const good = { version: '1.0.0', integrity: `sha512-${'a'.repeat(86)}==`, license: 'MIT' };
const locking = (...packages: object[]): Lock =>
  Lock.parse({
    lockfileVersion: 3,
    packages: Object.fromEntries(packages.map((one, n) => [`node_modules/p${n}`, one])),
  });
const none = Manifest.parse({});

describe('the dependencies', () => {
  it('are single versions, each with a hash, under a licence that we may use, from one place', () => {
    expect(Object.keys(lock.packages).length).toBeGreaterThan(100);
    expect(findings(manifest, lock)).toEqual([]);
  });

  it.each(['^1.0.0', '~1.0.0', '1.x', '*', 'latest', 'git+https://example.com/a.git', 'file:../a', 'npm:a@^1.0.0'])(
    'are found out when one is asked for as %s',
    (version) => {
      expect(findings(Manifest.parse({ dependencies: { a: version } }), locking(good))).toHaveLength(1);
    },
  );

  it.each([
    ['has no hash', { ...good, integrity: undefined }],
    ['has a weak hash', { ...good, integrity: 'sha1-deadbeef' }],
    ['has no licence', { ...good, license: undefined }],
    ['has a licence that asks for more', { ...good, license: 'AGPL-3.0-only' }],
    ['has two licences at once', { ...good, license: '(MIT AND GPL-3.0-only)' }],
    ['runs a script', { ...good, hasInstallScript: true }],
    ['is deprecated', { ...good, deprecated: 'use b' }],
  ])('are found out when one %s', (_, one) => {
    expect(findings(none, locking(good, one))).toHaveLength(1);
  });

  it('may come under one of several licences, inside of another package, or under another name', () => {
    expect(findings(none, locking({ ...good, license: '(GPL-3.0-only OR MIT)' }))).toEqual([]);
    expect(findings(none, locking({ ...good, integrity: undefined, inBundle: true }))).toEqual([]);
    expect(findings(Manifest.parse({ dependencies: { a: 'npm:@b/c@1.2.3' } }), locking(good))).toEqual([]);
  });

  it('are found out when they come from two places', () => {
    const from = (host: string) => ({ ...good, resolved: `https://${host}/p.tgz` });
    expect(findings(none, locking(from('a.example'), from('b.example')))).toHaveLength(1);
    expect(findings(none, locking(from('a.example'), from('a.example')))).toEqual([]);
  });
});
