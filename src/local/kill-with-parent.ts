import type { ChildProcess } from 'node:child_process'

/** Kills a child process when this process exits. After `kill -9` of this process the child goes on, since no handler runs. */
export function killWithParent(child: ChildProcess): void {
  const kill = () => child.kill('SIGKILL')
  const forget = () => process.off('exit', kill)
  process.once('exit', kill)
  // A missing program emits `error` and never `exit`.
  child.once('exit', forget).once('error', forget)
}
