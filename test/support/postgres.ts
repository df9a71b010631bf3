import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, existsSync, globSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { freePort } from '../../src/worker/probe-port.ts'

const run = promisify(execFile)

export interface PostgresServer {
  /** `postgres://…/postgres`: the maintenance database. */
  readonly url: string
  /** Of the server's first process; another one after `startAgain`. */
  readonly pid: number
  /** Ends the server as an operator does who restarts it: connections are told and closed. */
  halt(): Promise<void>
  startAgain(): Promise<void>
  /** Ends the server at once and removes its files. */
  stop(): Promise<void>
}

export interface PostgresServerOptions {
  /** Waits for the disk as a real server does: for measurements. Tests go without. */
  readonly durable?: boolean
}

/**
 * A shell between this process and the server ends the server and removes its files when its input closes. So even a test run that is
 * killed leaves nothing behind.
 */
const KEEPER = `
  dir=$1; shift
  start() { "$@" >>"$dir/log" 2>&1 & server=$!; echo "$server"; }
  start "$@"
  while read -r command; do
    case $command in
      halt) kill -INT "$server"; wait "$server"; echo halted ;;
      start) start "$@" ;;
    esac
  done
  kill -QUIT "$server"
  wait "$server"
  rm -rf "$dir"`

/** Starts a Postgres server of our own on loopback, from the machine's binaries; as the user `postgres` where we are root. */
export async function startPostgres({
  durable = false,
}: PostgresServerOptions = {}): Promise<PostgresServer> {
  const bin = findBinaries()
  const owner = userInfo().uid === 0 ? await ids('postgres') : null
  const dir = mkdtempSync(join(tmpdir(), 'holdfast-postgres-'))
  if (owner) chownSync(dir, owner.uid, owner.gid)
  const data = join(dir, 'data')
  try {
    await run(
      join(bin, 'initdb'),
      ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale', '--no-sync'],
      { ...owner, cwd: dir },
    )
  } catch (error) {
    rmSync(dir, { recursive: true, force: true })
    throw error
  }

  const port = await freePort()
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 200,
    ...(!durable && { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  }
  const server = [
    join(bin, 'postgres'),
    '-D',
    data,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]
  const keeper = spawn('sh', ['-c', KEEPER, 'keeper', dir, ...server], {
    ...owner,
    cwd: dir,
    stdio: ['pipe', 'pipe', 'inherit'],
    // A process group of its own: a signal that ends the test run must not end the shell that cleans up.
    detached: true,
  })
  const ended = new Promise<void>((resolve) => keeper.once('exit', () => resolve()))
  const nextLine = async () => String((await once(keeper.stdout, 'data'))[0]).trim()
  let pid = Number(await nextLine())
  // A test that forgets to stop the server still ends: the shell ends with this process.
  keeper.unref()
  for (const stream of [keeper.stdin, keeper.stdout]) (stream as unknown as { unref(): void }).unref()

  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  const stop = async () => {
    keeper.ref()
    keeper.stdin.end()
    await ended
  }
  try {
    await answers(url)
  } catch (error) {
    await stop()
    throw error
  }
  async function tell(command: 'halt' | 'start'): Promise<string> {
    const said = nextLine()
    keeper.stdin.write(`${command}\n`)
    return said
  }
  return {
    url,
    get pid() {
      return pid
    },
    async halt() {
      await tell('halt')
    },
    async startAgain() {
      pid = Number(await tell('start'))
      await answers(url)
    },
    stop,
  }
}

async function answers(url: string): Promise<void> {
  const deadline = Date.now() + 20_000
  for (;;) {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 })
    try {
      await client.connect()
      return
    } catch (error) {
      if (Date.now() > deadline) throw error
      await new Promise((resolve) => setTimeout(resolve, 50))
    } finally {
      await client.end()
    }
  }
}

/** Debian keeps the server's binaries off the PATH. */
function findBinaries(): string {
  const [newest] = globSync('/usr/lib/postgresql/*/bin').sort((a, b) =>
    b.localeCompare(a, 'en', { numeric: true }),
  )
  const onPath = (process.env['PATH'] ?? '').split(':').filter((folder) => folder !== '')
  const found = [...(newest ? [newest] : []), ...onPath].find((folder) => existsSync(join(folder, 'initdb')))
  if (found === undefined) {
    throw new Error('No Postgres programs found. Install Postgres, or set TEST_DATABASE_URL to a server.')
  }
  return found
}

async function ids(user: string): Promise<{ uid: number; gid: number }> {
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number((await run('id', [flag, user])).stdout)),
  )
  return { uid: uid ?? 0, gid: gid ?? 0 }
}
