import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { killWithParent } from '../kill-with-parent.ts'

export interface CommandOptions {
  readonly env: NodeJS.ProcessEnv
  readonly cwd?: string
  readonly onErrorLine?: (line: string) => void
  readonly timeoutMs?: number
}

/**
 * Runs a program to its end and returns its output.
 *
 * @throws with code ENOENT where there is no such program; otherwise with the last lines of its error output
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  { env, cwd, onErrorLine, timeoutMs }: CommandOptions,
): Promise<string> {
  const child = spawn(command, args, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd !== undefined && { cwd }),
    ...(timeoutMs !== undefined && { signal: AbortSignal.timeout(timeoutMs) }),
  })
  killWithParent(child)
  const lastLines: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => {
    onErrorLine?.(line)
    lastLines.push(line)
    if (lastLines.length > 5) lastLines.shift()
  })
  const ended = new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  )
  const [output, code] = await Promise.all([text(child.stdout), ended])
  if (code !== 0) throw new Error(lastLines.join('\n') || `${command} ended with code ${code}`)
  return output
}
