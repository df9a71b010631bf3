import { RELEASE } from './release.ts'
import { runCommand } from './run-command.ts'

const VERSION_TIMEOUT_MS = 10_000

/**
 * The version that a Temporal CLI reports, such as `1.8.2`. A binary for another machine fails here.
 *
 * @throws where there is no such program, or it is not a Temporal CLI
 */
export async function binaryVersion(command: string, env: NodeJS.ProcessEnv): Promise<string> {
  const output = await runCommand(command, ['--version'], { env, timeoutMs: VERSION_TIMEOUT_MS })
  const version = /^temporal version (\d+\.\d+\.\d+\S*)/m.exec(output)?.[1]
  if (version === undefined) throw new Error(`${command} is not the Temporal CLI`)
  return version
}

export function isUsable(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [leastMajor, leastMinor] = RELEASE.oldestUsable
  return major > leastMajor || (major === leastMajor && minor >= leastMinor)
}
