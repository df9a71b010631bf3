import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync, readFileSync } from 'node:fs'
import { childEnvironment } from '../../../../src/config.ts'
import { killWithParent } from '../../../../src/local/kill-with-parent.ts'
import { until } from '../../dashboards/support/prometheus-server.ts'

export interface LoggedProcess {
  /** Where it listens: `http://host:port`. */
  readonly url: string
  kill(): Promise<void>
}

interface LoggedProcessOptions {
  readonly command: 'api' | 'worker'
  /** The application's file. */
  readonly app: string
  readonly variables: Readonly<Record<string, string>>
  /** The log's file, which it appends to: what `docker compose logs` reads in production. */
  readonly log: string
  readonly program?: string
}

/** What each says when it is up, with its address. */
const UP = {
  api: /Server listening at (http:\/\/[\d.:]+)/,
  worker: /"url":"(http:[^"]+)","msg":"worker runs"/,
} as const

/** `holdfast api` or `holdfast worker` as in production: a process with a log of JSON lines. Resolves when it is up. */
export async function startLoggedProcess(options: LoggedProcessOptions): Promise<LoggedProcess> {
  const { command, app, variables, log, program = 'src/cli/main.ts' } = options
  const file = openSync(log, 'a')
  const child = spawn(process.execPath, ['--conditions=source', program, command, app], {
    env: { ...childEnvironment(), LOG_LEVEL: 'info', LOG_FORMAT: 'json', ...variables },
    stdio: ['ignore', file, file],
  })
  killWithParent(child)
  const ended = once(child, 'exit')
  const said = () => readFileSync(log, 'utf8')
  const began = said().length
  await until(60_000, async () => {
    if (child.exitCode !== null) throw new Error(`The ${command} has ended:\n${said()}`)
    return UP[command].test(said().slice(began))
  })
  return {
    url: UP[command].exec(said().slice(began))?.[1] ?? '',
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
