import { execFileSync, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { temporaryDirectory } from '../../../support/temporary-directory.ts'
import { historyFiles } from '../../replay/history-files.ts'
import { type Code, PAY_DESK } from './deployment.ts'

/** The release whose processes are still running while the next one is deployed. A release puts its own here. */
const LAST_RELEASE = { version: '0.3.0', commit: 'dc631961ac5d658df37284f95a3de7de1c8718d7' } as const

/** Why the last release cannot be had: a package without git, or a clone without its history (`git fetch --unshallow` brings it). */
export const NO_HISTORY =
  spawnSync('git', ['cat-file', '-e', `${LAST_RELEASE.commit}^{commit}`]).status === 0
    ? false
    : `this copy has no git history of ${LAST_RELEASE.version}`

/** What its processes need of it. */
const PARTS = ['src', 'test/support', dirname(PAY_DESK), 'package.json']

/** The test run's directory, where all files find the code that the first of them has unpacked; one of its own for a file that is run by hand. */
const DIRECTORY = process.env['TEST_DIRECTORY'] ?? temporaryDirectory()

/** The last release's code, with the packages of today: those that it needs are still there in the same version. */
export function lastRelease(): Code {
  const { version } = LAST_RELEASE
  const newest = historyFiles().at(-1)?.release
  if (newest !== version) throw new Error(`The last release is ${newest}, and its commit is not here`)
  const cwd = join(DIRECTORY, `holdfast-${version}`)
  if (!existsSync(cwd)) unpackTo(cwd)
  return { cwd, app: PAY_DESK, ofWorkers: OF_WORKERS }
}

/** The same with another pay desk: `edit` changes the text of its file. */
export function withPayDesk(release: Code, name: string, edit: (text: string) => string): Code {
  const app = PAY_DESK.replace(/\.ts$/, `.${name}.ts`)
  writeFileSync(join(release.cwd, app), edit(readFileSync(join(release.cwd, PAY_DESK), 'utf8')))
  return { ...release, app }
}

/** Its workers had no port of their own, and refuse the variable. */
const OF_WORKERS = { HOLDFAST_WORKER_PORT: '' }

/** Unpacks it aside first: test files that run at the same time see all of it or nothing. */
function unpackTo(directory: string): void {
  const { commit } = LAST_RELEASE
  const aside = mkdtempSync(`${directory}-`)
  const archive = execFileSync('git', ['archive', commit, ...PARTS], { maxBuffer: 1_073_741_824 })
  execFileSync('tar', ['-x', '-C', aside], { input: archive })
  symlinkSync(resolve('node_modules'), join(aside, 'node_modules'))
  try {
    renameSync(aside, directory)
  } catch (error) {
    // Another file was first.
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error
    rmSync(aside, { recursive: true })
  }
}
