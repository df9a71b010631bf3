import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { commandLine, identify, isRunning, type ProcessIdentity } from '../process-info.ts'

const STOP_TIMEOUT_MS = 5_000
const LOOK_AGAIN_MS = 50

/** Records which process is the stack's server: a stack that is killed cannot stop it, so the next start has to. */
export function recordServer(file: string, pid: number): void {
  const identity = identify(pid)
  if (identity !== null) writeFileSync(file, JSON.stringify(identity))
}

export function forgetServer(file: string): void {
  rmSync(file, { force: true })
}

/**
 * Stops the server that a killed stack left behind: the recorded process, and only if its pid still belongs to that process and its
 * command line names this database file.
 */
export async function stopOrphanedServer(file: string, databaseFile: string): Promise<void> {
  const orphan = readRecord(file)
  if (orphan !== null && isRunning(orphan) && commandLine(orphan.pid)?.includes(databaseFile)) {
    process.kill(orphan.pid, 'SIGTERM')
    const deadline = performance.now() + STOP_TIMEOUT_MS
    while (isRunning(orphan) && performance.now() < deadline) await delay(LOOK_AGAIN_MS)
    if (isRunning(orphan)) process.kill(orphan.pid, 'SIGKILL')
    while (isRunning(orphan)) await delay(LOOK_AGAIN_MS)
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
