import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { childEnvironment } from '../../../../src/config.ts'
import { killWithParent } from '../../../../src/local/kill-with-parent.ts'

/** `holdfast worker` with the pay desk, as a process of its own. */
export interface WorkerProcess {
  readonly pid: number
  /** `http://host:port` where it says how it is. */
  readonly url: string
  /** Resolves when its log, down to its details, has this text in it. @throws with the log where it ends without */
  says(text: string): Promise<void>
  /** `kill -9`: it gets no chance to do anything. Resolves when it is gone, to when it was killed. */
  kill(): Promise<Date>
  /** What an orchestrator does: asks it to end. */
  terminate(): Promise<{ readonly code: number | null; readonly tookMs: number }>
}

const APP = 'test/system/chaos/support/pay-desk/app.ts'
const PATIENCE_MS = 60_000

/** Resolves when the worker says that it runs. @throws with its output where it ends before that */
export async function startWorkerProcess(
  variables: Readonly<Record<string, string>>,
  program = 'src/cli/main.ts',
): Promise<WorkerProcess> {
  const child = spawn(process.execPath, ['--conditions=source', program, 'worker', APP], {
    env: {
      ...childEnvironment(),
      HOLDFAST_AUTH: 'none',
      LOG_LEVEL: 'debug',
      LOG_FORMAT: 'json',
      HOLDFAST_WORKER_PORT: '0',
      ...variables,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  killWithParent(child)
  const ended = once(child, 'exit')
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      output += `${line}\n`
      if (process.env['TEST_LOG_LEVEL'] !== undefined) process.stderr.write(`worker ${child.pid} ${line}\n`)
      child.emit('line')
    })
  }
  async function says(text: string): Promise<void> {
    const timeout = AbortSignal.timeout(PATIENCE_MS)
    while (!output.includes(text)) {
      await Promise.race([once(child, 'line', { signal: timeout }), ended])
      if (child.exitCode !== null) throw new Error(`The worker ended with ${child.exitCode}:\n${output}`)
    }
  }
  await says('"worker runs"')

  return {
    pid: child.pid ?? 0,
    url: /"url":"(http:[^"]+)"[^\n]*"worker runs"/.exec(output)?.[1] ?? '',
    says,
    async kill() {
      const at = new Date()
      child.kill('SIGKILL')
      await ended
      return at
    },
    async terminate() {
      const asked = performance.now()
      child.kill('SIGTERM')
      await ended
      return { code: child.exitCode, tookMs: performance.now() - asked }
    },
  }
}
