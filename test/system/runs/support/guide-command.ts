import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync, symlinkSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { childEnvironment, readConfig } from '../../../../src/config/config.ts'
import { createProgress } from '../../../../src/local/progress.ts'
import { findBinary } from '../../../../src/local/temporal-server/find-binary.ts'

/**
 * The command of a guide that has these words in it, as a reader would paste it, with the reader's own address and ids in place
 * of the guide's.
 */
export function guideCommand(guide: string, words: string, own: Readonly<Record<string, string>>): string {
  const text = readFileSync(`docs/guides/${guide}.md`, 'utf8')
  const blocks = [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)]
  const commands = blocks.flatMap(([, language, block = '']) => (language === '' ? [block] : []))
  const [found, ...others] = commands.filter((command) => command.includes(words))
  assert.ok(found !== undefined && others.length === 0, `“${words}” is not in one command of ${guide}`)
  return Object.entries(own).reduce((command, [theirs, ours]) => {
    assert.ok(command.includes(theirs), `“${theirs}” is not in\n${command}`)
    return command.replaceAll(theirs, ours)
  }, found)
}

/**
 * Runs commands in a shell in the project's folder, with `temporal` on the PATH and this secret; resolves to what they print.
 * `directory` is an empty one for the shell's own use.
 */
export async function createShell(
  directory: string,
  secret: string,
): Promise<(command: string) => Promise<string>> {
  const env = childEnvironment()
  const { cacheDir } = readConfig({
    HOLDFAST_CACHE_DIR: process.env['HOLDFAST_CACHE_DIR'],
    XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'],
  })
  const binary = await findBinary({ cacheDir, env, progress: createProgress(process.stderr) })
  // Otherwise it is on the PATH already.
  if (binary !== 'temporal') symlinkSync(binary, join(directory, 'temporal'))
  const PATH = [directory, env['PATH']].join(delimiter)
  return async (command) => {
    const shell = promisify(execFile)('bash', ['-euc', command], {
      env: { ...env, PATH, HOLDFAST_SECRET: secret },
      timeout: 60_000,
    })
    return (await shell).stdout
  }
}
