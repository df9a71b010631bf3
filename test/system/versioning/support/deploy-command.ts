import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

export interface Result {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** `holdfast deploy …` of a build, as a process. */
export async function deployCommand(
  program: string,
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
): Promise<Result> {
  const child = spawn(process.execPath, ['--conditions=source', program, 'deploy', ...args], {
    env: { ...process.env, LOG_FORMAT: 'json', ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const [code, out, err] = await Promise.all([exited, text(child.stdout), text(child.stderr)])
  return { code, out, err }
}
