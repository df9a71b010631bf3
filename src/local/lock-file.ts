import { randomUUID } from 'node:crypto'
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { identify, isRunning, type ProcessIdentity } from './process-info.ts'

interface Holder extends ProcessIdentity {
  readonly token: string
}

export interface Lock {
  /** Releases the lock; a second call does nothing. */
  release(): void
}

/** A living process has the lock. */
export class LockHeld extends Error {
  override readonly name = 'LockHeld'
  readonly pid: number

  constructor(path: string, pid: number) {
    super(`${path} is held by process ${pid}`)
    this.pid = pid
  }
}

/**
 * Takes the lock at `path`, which is a file that names its holder. A lock that a killed process left behind is taken over, even if
 * another process has the same pid by now.
 *
 * Only one process at a time may replace a stale lock, and it reads the lock again before it does: two that found the same stale lock
 * would otherwise both become holders.
 *
 * @throws LockHeld
 */
export function acquireLock(path: string): Lock {
  const holder: Holder = { ...thisProcess(), token: randomUUID() }
  const draft = `${path}.${holder.token}`
  writeFileSync(draft, JSON.stringify(holder))
  try {
    claim(path, draft)
  } finally {
    rmSync(draft, { force: true })
  }
  return {
    release() {
      if (readHolder(path)?.token === holder.token) rmSync(path, { force: true })
    },
  }
}

function claim(path: string, draft: string): void {
  if (linked(draft, path)) return
  refuseIfAlive(path)

  const takeover = `${path}.takeover`
  if (!linked(draft, takeover)) {
    refuseIfAlive(takeover)
    // Left behind by a process that died during its takeover.
    rmSync(takeover, { force: true })
    claim(path, draft)
    return
  }
  try {
    refuseIfAlive(path)
    const copy = `${draft}.new`
    linkSync(draft, copy)
    renameSync(copy, path)
  } finally {
    rmSync(takeover, { force: true })
  }
}

/** Links the finished file into place, so that no process ever reads half a lock; false where a lock is there already. */
function linked(draft: string, path: string): boolean {
  try {
    linkSync(draft, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function refuseIfAlive(path: string): void {
  const holder = readHolder(path)
  if (holder !== null && isRunning(holder)) throw new LockHeld(path, holder.pid)
}

/** null where there is no file, or the file is not such a lock. */
function readHolder(path: string): Holder | null {
  try {
    const { pid, started, token } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Holder>
    return typeof pid === 'number' && typeof started === 'string' && typeof token === 'string'
      ? { pid, started, token }
      : null
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

function thisProcess(): ProcessIdentity {
  return identify(process.pid) ?? { pid: process.pid, started: '' }
}
