import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { commandLine, identify, isRunning, type ProcessIdentity } from '../process-info.ts'

const STOP_TIMEOUT_MS = 5_000
const LOOK_AGAIN_MS = 50

/** Records which process is our server: a stack that is killed cannot stop it, and the next start has to. */
export function recordServer(file: string, pid: number): void {
  const identity = identify(pid)
  if (identity !== null) writeFileSync(file, JSON.stringify(identity))
}

export function forgetServer(file: string): void {
  rmSync(file, { force: true })
}

/**
 * Stops the server that an earlier stack left behind: only the recorded process, and only if it still is that process and works on our
 * database file.
 */
export async function stopLeftServer(file: string, databaseFile: string): Promise<void> {
  const left = readRecord(file)
  if (left !== null && isRunning(left) && commandLine(left.pid)?.includes(databaseFile)) {
    process.kill(left.pid, 'SIGTERM')
    const deadline = performance.now() + STOP_TIMEOUT_MS
    while (isRunning(left) && performance.now() < deadline) await delay(LOOK_AGAIN_MS)
    if (isRunning(left)) process.kill(left.pid, 'SIGKILL')
    while (isRunning(left)) await delay(LOOK_AGAIN_MS)
  }
  forgetServer(file)
}

function readRecord(file: string): ProcessIdentity | null {
  try {
    const { pid, started } = JSON.parse(readFileSync(file, 'utf8')) as Partial<ProcessIdentity>
    return typeof pid === 'number' && typeof started === 'string' ? { pid, started } : null
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
