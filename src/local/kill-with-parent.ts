import type { ChildProcess } from 'node:child_process'

/** Makes sure that a child does not outlive this process, however abruptly it exits (but for kill -9, which nothing hears). */
export function killWithParent(child: ChildProcess): void {
  const kill = () => child.kill('SIGKILL')
  const forget = () => process.off('exit', kill)
  process.once('exit', kill)
  // A program that is not there never exits, it only errs.
  child.once('exit', forget).once('error', forget)
}
