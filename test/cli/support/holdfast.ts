import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { childEnvironment } from '../../../src/config/config.ts'
import { temporaryDirectory } from '../../support/temporary-directory.ts'

export interface Result {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs `holdfast` with these arguments to its end, as a process without secrets of this one and without a local stack. */
export async function holdfast(
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
  input = '',
): Promise<Result> {
  const env = { ...childEnvironment(), HOLDFAST_DATA_DIR: join(temporaryDirectory(), 'none'), ...variables }
  const child = spawn(process.execPath, ['src/cli/main.ts', ...args], { env })
  child.stdin.end(input)
  const ended = new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1)))
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
  return { code, out, err }
}
