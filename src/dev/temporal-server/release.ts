import { join } from 'node:path'

/**
 * The Temporal CLI (dev server, Web UI and command line in one file) that the local stack runs when the machine has none.
 * `go.mod` beside this file pins the same version for the build from source; server 1.31.2, Web UI 2.50.1.
 */
export const RELEASE = {
  version: '1.8.2',
  package: 'github.com/temporalio/cli/cmd/temporal',
  /** Where the version that the binary reports is set at build time. */
  versionVariable: 'github.com/temporalio/cli/internal/temporalcli.Version',
  /** The service that Temporal's SDKs ask where an archive is. */
  downloads: 'https://temporal.download',
  /** A binary on PATH older than this lacks flags or server features that we use. */
  oldestUsable: [1, 5],
  go: '1.26',
} as const

/** Where the one binary of this release lives in the cache. */
export function cachedBinary(cacheDir: string): string {
  const suffix = process.platform === 'win32' ? '.exe' : ''
  return join(cacheDir, `temporal-${RELEASE.version}-${process.platform}-${process.arch}${suffix}`)
}
