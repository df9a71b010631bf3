import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Code } from './deployment.ts'

/** The release whose processes are still running while the next one is deployed. A release puts its own here. */
const LAST_RELEASE = { version: '0.3.0', commit: 'dc631961ac5d658df37284f95a3de7de1c8718d7' } as const

/** Why the last release cannot be had: a package without git, or a clone without its history (`git fetch --unshallow` brings it). */
export const NO_HISTORY =
  spawnSync('git', ['cat-file', '-e', `${LAST_RELEASE.commit}^{commit}`]).status === 0
    ? false
    : `this copy has no git history of ${LAST_RELEASE.version}`

/** Its code, with the packages of today: those that it needs are still there in the same version. */
export function unpackLastRelease(): Code & { remove(): void } {
  const { version, commit } = LAST_RELEASE
  const cwd = mkdtempSync(join(tmpdir(), `holdfast-${version}-`))
  const archive = execFileSync('git', ['archive', commit], { maxBuffer: 1_073_741_824 })
  execFileSync('tar', ['-x', '-C', cwd], { input: archive })
  const found = (JSON.parse(readFileSync(join(cwd, 'package.json'), 'utf8')) as { version: string }).version
  if (found !== version) throw new Error(`${commit} is ${found} and not ${version}`)
  symlinkSync(resolve('node_modules'), join(cwd, 'node_modules'))
  // A worker had no port of its own.
  return { cwd, ofWorkers: {}, remove: () => rmSync(cwd, { recursive: true, force: true }) }
}
