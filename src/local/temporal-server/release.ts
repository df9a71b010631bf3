import { join } from 'node:path'

/**
 * The Temporal CLI (dev server, Web UI and command line in one file) that the local stack runs when the machine has none.
 * `go.mod` beside this file pins the same version for the build from source; server 1.31.2, Web UI 2.50.1.
 */
export const RELEASE = {
  version: '1.8.2',
  package: 'github.com/temporalio/cli/cmd/temporal',
  /** The Go variable that a build sets to the version. */
  versionVariable: 'github.com/temporalio/cli/internal/temporalcli.Version',
  /** The service that returns an archive's URL; Temporal's SDKs use it, too. */
  downloads: 'https://temporal.download',
  /** SHA-256 of the official archives, by platform and processor. For any other machine the release is built. */
  archiveSha256: {
    'darwin-arm64': 'dacdc3587682c04cf27e67c8878ca2d755230b6ad63c0c6ebddd7348ae90ed94',
    'darwin-x64': '489d7f5420cae02b559774ac23df035141954c33a51dba96f5759a0ddccdf1b6',
    'linux-arm64': '83600a8fac6e3da54093e5da6918d399f501532b9f1172235603f9606f4ac6e4',
    'linux-x64': 'd8421bda989e6514b4bdb4d63a9012a8a05a806892e881a5aad8510496349a94',
  } as Readonly<Record<string, string>>,
  /** A binary on PATH that is older lacks flags or server features that the local stack uses. */
  oldestUsable: [1, 5],
  go: '1.26',
} as const

/** The path of this release's binary in the cache. */
export function cachedBinary(cacheDir: string): string {
  const suffix = process.platform === 'win32' ? '.exe' : ''
  return join(cacheDir, `temporal-${RELEASE.version}-${process.platform}-${process.arch}${suffix}`)
}
