import { loadConfig } from '../config/config.ts'

/** Longer than the checks behind `/ready` take together. */
const ANSWERS_WITHIN_MS = 5_000

/** An address of this machine for a server that listens on all of them. */
const LOOPBACK: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

/** Whether the worker of this machine, at HOLDFAST_WORKER_PORT, is ready. For a container's health check. */
export async function isReady(): Promise<boolean> {
  const { host, port } = loadConfig().worker
  const address = LOOPBACK[host] ?? host
  try {
    const { ok } = await fetch(`http://${address.includes(':') ? `[${address}]` : address}:${port}/ready`, {
      signal: AbortSignal.timeout(ANSWERS_WITHIN_MS),
    })
    return ok
  } catch {
    // Nobody listens, or nobody answers.
    return false
  }
}
