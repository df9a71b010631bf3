import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { childEnvironment } from '../../src/config/config.ts'
import type { ProcessIdentity } from '../../src/local/process-info.ts'

/** `npm start` as a process of its own, on ports of its own. */
export interface StackProcess {
  readonly url: string
  readonly startedInMs: number
  /** The admin key that the stack has left in its data directory, as a header. */
  readonly headers: { readonly authorization: string }
  readonly child: ChildProcess
  /** The process's output so far. */
  output(): string
  /** Resolves when it has printed this. @throws with its output where it ends without, or takes too long */
  says(pattern: RegExp): Promise<void>
  /** The Temporal server's process, as the stack has noted it. */
  temporal(): ProcessIdentity
  /** Like Ctrl-C in a terminal. */
  interrupt(): Promise<{ readonly code: number | null; readonly tookMs: number }>
}

/** What `npm start` runs. */
const DEV = ['--conditions=source', 'src/cli/main.ts', 'dev', 'examples/shop/app.ts']

const READY_TIMEOUT_MS = 120_000
const READY = /is ready.*API +(http:\S+).*Ctrl-C/s

/** Resolves when the stack says that it is ready. @throws with its output where it ends before that */
export async function startStackProcess(
  dataDir: string,
  variables: Readonly<Record<string, string>> = {},
  { command = DEV, cwd = '.' }: { readonly command?: readonly string[]; readonly cwd?: string } = {},
): Promise<StackProcess> {
  const began = performance.now()
  const {
    OPENAI_BASE_URL: _,
    ANTHROPIC_BASE_URL: __,
    ...environment
  } = childEnvironment({
    HOLDFAST_DATA_DIR: dataDir,
    PORT: '0',
    TEMPORAL_PORT: '0',
    TEMPORAL_UI_PORT: '0',
    LOG_LEVEL: 'warn',
    LOG_FORMAT: 'json',
    ...variables,
  })
  const child = spawn(process.execPath, command, {
    cwd,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      output += `${line}\n`
      child.emit('line')
    })
  }
  const ended = once(child, 'exit')
  async function says(pattern: RegExp): Promise<void> {
    const timeout = AbortSignal.timeout(READY_TIMEOUT_MS)
    while (!pattern.test(output)) {
      await Promise.race([once(child, 'line', { signal: timeout }), ended]).catch(() => {
        throw new Error(`The stack has not said ${pattern}:\n${output}`)
      })
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`The stack ended with ${child.exitCode}:\n${output}`)
    }
  }
  await says(READY)
  return {
    url: READY.exec(output)?.[1] ?? '',
    startedInMs: performance.now() - began,
    headers: { authorization: `Bearer ${readFileSync(join(dataDir, 'admin-key'), 'utf8').trim()}` },
    child,
    output: () => output,
    says,
    temporal: () => JSON.parse(readFileSync(join(dataDir, 'temporal.json'), 'utf8')) as ProcessIdentity,
    async interrupt() {
      const asked = performance.now()
      child.kill('SIGINT')
      await ended
      return { code: child.exitCode, tookMs: performance.now() - asked }
    },
  }
}
