import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { Connection } from '@temporalio/client'
import { missingSearchAttributes } from '../../api/temporal/search-attributes.ts'
import { StartError } from '../start-error.ts'
import { type ServerOptions, serverFlags } from './server-flags.ts'
import { forgetServer, recordServer } from './server-record.ts'

export interface StartServerOptions extends ServerOptions {
  /** The Temporal CLI: a path, or a command to be found on PATH. */
  readonly binary: string
  readonly env: NodeJS.ProcessEnv
  /** The file for the server's own log; emptied first. */
  readonly logFile: string
  /** The file that names the server's process from its start to its stop; see `stopOrphanedServer`. */
  readonly recordFile: string | null
}

export interface TemporalServer {
  readonly address: string
  readonly pid: number
  /** Resolves when the process has ended, for whatever reason. */
  readonly ended: Promise<void>
  /** Asks the process to end, and kills it after a while. */
  stop(): Promise<void>
}

const READY_TIMEOUT_MS = 60_000
const CONNECT_TIMEOUT_MS = 500
const LOOK_AGAIN_MS = 50
/** How often the server is started again after another process has taken a port that the server chose for itself. */
const MOST_STARTS = 3
/** A server with long polls takes long to end; killing it after this time loses nothing, since SQLite's journal has all writes. */
const STOP_TIMEOUT_MS = 3_000

/**
 * A shell between this process and the server asks the server to end when its input closes. So a process that is killed leaves no server
 * running, unless the shell is killed as well.
 */
const KEEPER = `
  exec 4<&0
  "$@" >&2 </dev/null &
  server=$!
  echo "$server"
  exec >&-
  (read -r _ <&4; kill -TERM "$server") 2>/dev/null &
  reader=$!
  wait "$server"
  code=$?
  kill "$reader" 2>/dev/null
  exit "$code"`

/**
 * Starts a dev server and waits until it answers and knows the search attributes that runs carry.
 *
 * @throws StartError with the end of the server's log where the server does not get that far
 */
export async function startServer(options: StartServerOptions): Promise<TemporalServer> {
  for (let start = 1; ; start += 1) {
    try {
      return await startOnce(options)
    } catch (error) {
      if (start === MOST_STARTS || !hasLostPort(options)) throw error
    }
  }
}

/** Whether another process took a port between the server's search for free ports and its start on them. */
function hasLostPort({ logFile, port, uiPort }: StartServerOptions): boolean {
  const lost = readFileSync(logFile, 'utf8').matchAll(/:(\d+): bind: address already in use/g)
  const ports = [...lost].map(([, number]) => Number(number))
  return ports.length > 0 && !ports.includes(port) && !(uiPort !== null && ports.includes(uiPort))
}

async function startOnce(options: StartServerOptions): Promise<TemporalServer> {
  const log = openSync(options.logFile, 'w')
  // A process group of its own: a terminal sends Ctrl-C to the whole group, and the server has to outlive the worker.
  const keeper = spawn('sh', ['-c', KEEPER, 'keeper', options.binary, ...serverFlags(options)], {
    env: options.env,
    stdio: ['pipe', 'pipe', log],
    detached: true,
  })
  closeSync(log)
  const ended = new Promise<void>((resolve, reject) =>
    keeper.once('error', reject).once('exit', () => resolve()),
  )
  const pid = await Promise.race([firstNumber(keeper), ended.then(() => 0)])
  if (options.recordFile !== null) recordServer(options.recordFile, pid)
  const address = `127.0.0.1:${options.port}`
  const stopServer = async () => {
    await stop(keeper, pid, ended)
    if (options.recordFile !== null) forgetServer(options.recordFile)
  }
  try {
    await becomeReady(keeper, address, options.namespace)
  } catch (error) {
    await stopServer()
    throw new StartError(
      `The Temporal server did not start (${(error as Error).message}). The end of its log, ${options.logFile}:\n` +
        readFileSync(options.logFile, 'utf8').trimEnd().split('\n').slice(-5).join('\n'),
    )
  }
  return { address, pid, ended, stop: stopServer }
}

async function firstNumber(keeper: ChildProcess): Promise<number> {
  const [line] = await once(keeper.stdout ?? keeper, 'data')
  return Number(line)
}

async function becomeReady(keeper: ChildProcess, address: string, namespace: string): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS
  while (performance.now() < deadline) {
    if (hasEnded(keeper)) throw new Error(`it ended with code ${keeper.exitCode ?? keeper.signalCode}`)
    if (await isReady(address, namespace)) return
    await delay(LOOK_AGAIN_MS)
  }
  throw new Error(`no answer within ${READY_TIMEOUT_MS / 1000} s`)
}

async function isReady(address: string, namespace: string): Promise<boolean> {
  try {
    const connection = await Connection.connect({ address, connectTimeout: CONNECT_TIMEOUT_MS })
    try {
      return (await missingSearchAttributes(connection, namespace)).length === 0
    } finally {
      await connection.close()
    }
  } catch {
    // Not listening yet, or the namespace is not registered yet.
    return false
  }
}

async function stop(keeper: ChildProcess, pid: number, ended: Promise<void>): Promise<void> {
  if (hasEnded(keeper)) return
  keeper.stdin?.end()
  const timer = setTimeout(() => killIfThere(pid), STOP_TIMEOUT_MS)
  await ended
  clearTimeout(timer)
}

/** The shell that keeps the server may still run when the server has ended. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}
