import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { historyFiles } from '../../replay/history-files.ts'
import { type BuildCopy, linkPackages } from './build-copy.ts'

/** The code of the last release, out of git's history, with the pay desk as it was then. */
export interface LastRelease extends BuildCopy {
  readonly version: string
  /** The pay desk of that release. */
  readonly app: string
}

const PAY_DESK = 'test/system/chaos/support/pay-desk'
const PARTS = ['src', 'test/support', PAY_DESK, 'package.json']

/**
 * @param edit changes the text of the pay desk's `app.ts`
 * @throws where the repository does not have the release: a shallow clone, or a copy without git
 */
export function checkOutLastRelease(edit: (app: string) => string = (app) => app): LastRelease {
  const version = historyFiles().at(-1)?.release ?? ''
  const commit = git('log', '-1', `--grep=^Release ${version.replaceAll('.', '\\.')}`, '--format=%H').trim()
  if (commit === '')
    throw new Error(`The git history has no release ${version}: this test needs a whole clone.`)
  const directory = mkdtempSync(join(tmpdir(), `holdfast-${version}-`))
  const archive = execFileSync('git', ['archive', commit, ...PARTS], { maxBuffer: 256 * 1_048_576 })
  mkdirSync(directory, { recursive: true })
  execFileSync('tar', ['-x', '-C', directory], { input: archive })
  linkPackages(directory)
  const app = join(directory, PAY_DESK, 'app.ts')
  writeFileSync(app, edit(readFileSync(app, 'utf8')))
  return {
    version,
    app,
    program: join(directory, 'src/cli/main.ts'),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  }
}

function git(...args: string[]): string {
  return execFileSync('git', args, { encoding: 'utf8' })
}
