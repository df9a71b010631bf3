import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { childEnvironment } from '../../src/config/config.ts'
import { killWithParent } from '../../src/local/kill-with-parent.ts'
import type { ScriptedProvider } from '../../src/testing/start-scripted-provider.ts'
import type { TemporalEnvironment } from './temporal.ts'

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
  /** A file that its log is appended to. */
  readonly log?: string
}

interface Surroundings {
  readonly databaseUrl: string
  readonly temporal: Pick<TemporalEnvironment, 'address' | 'taskQueue'>
  /** OpenAI and Anthropic. */
  readonly provider: Pick<ScriptedProvider, 'url'>
}

/** What tells a process where its store, Temporal and models are. */
export function variablesFor({ databaseUrl, temporal, provider }: Surroundings): Record<string, string> {
  return {
    DATABASE_URL: databaseUrl,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_TASK_QUEUE: temporal.taskQueue,
    OPENAI_API_KEY: 'test',
    OPENAI_BASE_URL: `${provider.url}/v1`,
    ANTHROPIC_API_KEY: 'test',
    ANTHROPIC_BASE_URL: provider.url,
  }
}

const PATIENCE_MS = 120_000

export function spawnHoldfast({
  command,
  app,
  variables,
  program = 'src/cli/main.ts',
  cwd = '.',
  log,
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
      if (log !== undefined) appendFileSync(log, `${line}\n`)
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

export interface ListeningProcess extends HoldfastProcess {
  /** Where it listens: `http://host:port`. */
  readonly url: string
}

/** Resolves when the API listens. @throws with its output where it ends before that */
export async function startApiProcess(
  options: Omit<HoldfastProcessOptions, 'command'>,
): Promise<ListeningProcess> {
  const api = spawnHoldfast({ ...options, command: 'api', variables: { PORT: '0', ...options.variables } })
  const [url = ''] = /http:\/\/[\w.]+:\d+/.exec(await api.says('Server listening at')) ?? []
  return { ...api, url }
}

/** Resolves when the worker says that it runs. @throws with its output where it ends before that */
export async function startWorkerProcess(
  options: Omit<HoldfastProcessOptions, 'command'>,
): Promise<ListeningProcess> {
  const variables = { HOLDFAST_WORKER_PORT: '0', ...options.variables }
  const worker = spawnHoldfast({ ...options, command: 'worker', variables })
  const [, url = ''] = /"url":"(http:[^"]+)"/.exec(await worker.says('"worker runs"')) ?? []
  return { ...worker, url }
}
