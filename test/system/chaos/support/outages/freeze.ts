import { readdirSync, readFileSync } from 'node:fs'

/**
 * Stops a process and its children where they stand, as a machine does that hangs: their connections stay open, and nobody answers.
 *
 * @returns lets them go on
 */
export function freeze(pid: number): () => void {
  // The parent first, so that it has no further children.
  process.kill(pid, 'SIGSTOP')
  const children = childrenOf(pid)
  for (const child of children) signal(child, 'SIGSTOP')
  return () => {
    for (const one of [...children, pid]) signal(one, 'SIGCONT')
  }
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')
      .trim()
      .split(' ')
      .filter(Boolean)
      .map(Number),
  )
}

/** A child may have ended meanwhile. */
function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
