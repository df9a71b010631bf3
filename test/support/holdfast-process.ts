import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { childEnvironment } from '../../src/config.ts'
import { killWithParent } from '../../src/local/kill-with-parent.ts'

/** `holdfast api` or `holdfast worker`, as a process of its own. */
export interface HoldfastProcess {
  readonly pid: number
  /** Resolves, when its log, down to its details, has this text in it, to the line. @throws with the log where it ends without */
  says(text: string): Promise<string>
  /** `kill -9`: it gets no chance to do anything. Resolves when it is gone, to when it was killed. */
  kill(): Promise<Date>
  /** What an orchestrator does: asks it to end. */
  terminate(): Promise<{ readonly code: number | null; readonly tookMs: number }>
}

export interface HoldfastProcessOptions {
  readonly command: 'api' | 'worker'
  /** The application's file. */
  readonly app: string
  readonly variables: Readonly<Record<string, string>>
  readonly program?: string
  /** Where the program is run; this repository where it is not given. */
  readonly cwd?: string
}

const PATIENCE_MS = 120_000

export function spawnHoldfast({
  command,
  app,
  variables,
  program = 'src/cli/main.ts',
  cwd = '.',
}: HoldfastProcessOptions): HoldfastProcess {
  const child = spawn(process.execPath, ['--conditions=source', program, command, app], {
    cwd,
    env: {
      ...childEnvironment(),
      HOLDFAST_AUTH: 'none',
      LOG_LEVEL: 'debug',
      LOG_FORMAT: 'json',
      ...variables,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  killWithParent(child)
  const ended = once(child, 'exit')
  const output: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      output.push(line)
      if (process.env['TEST_LOG_LEVEL'] !== undefined)
        process.stderr.write(`${command} ${child.pid} ${line}\n`)
      child.emit('line')
    })
  }
  return {
    pid: child.pid ?? 0,
    async says(text) {
      const timeout = AbortSignal.timeout(PATIENCE_MS)
      for (;;) {
        const line = output.find((one) => one.includes(text))
        if (line !== undefined) return line
        await Promise.race([once(child, 'line', { signal: timeout }), ended]).catch(() => undefined)
        if (timeout.aborted || child.exitCode !== null)
          throw new Error(
            `The ${command} (${child.exitCode ?? 'runs'}) does not say ${text}:\n${output.join('\n')}`,
          )
      }
    },
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

/** Resolves, once the API listens, to the process and its URL. @throws with its output where it ends before that */
export async function startApiProcess(
  options: Omit<HoldfastProcessOptions, 'command'>,
): Promise<HoldfastProcess & { readonly url: string }> {
  const api = spawnHoldfast({ ...options, command: 'api', variables: { PORT: '0', ...options.variables } })
  const [url = ''] = /http:\/\/[\w.]+:\d+/.exec(await api.says('Server listening at')) ?? []
  return { ...api, url }
}
