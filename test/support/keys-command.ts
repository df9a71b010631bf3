import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { childEnvironment } from '../../src/config/config.ts'

/** Runs `holdfast keys` and returns its output. @throws with its error output where it fails */
export async function keysCommand(
  variables: Readonly<Record<string, string>>,
  args: readonly string[],
): Promise<string> {
  const env = { ...childEnvironment(), ...variables }
  const { stdout } = await promisify(execFile)(process.execPath, ['src/cli/main.ts', 'keys', ...args], {
    env,
  })
  return stdout
}
