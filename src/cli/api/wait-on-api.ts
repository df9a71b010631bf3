import type { HoldfastClient } from '../../client/index.ts'
import { CommandError } from '../command-error.ts'
import { EXIT } from '../exit-codes.ts'
import { type UseOptions, useApi } from './use-api.ts'

interface WaitOptions extends Omit<UseOptions, 'patient'> {
  /** Ctrl-C asks for it, too. */
  readonly left: (isRefused: boolean) => string | null
}

/** Does something with the API that takes as long as a run. Ctrl-C ends it, and the person reads what goes on without the command. */
export async function waitOnApi<T>(
  options: WaitOptions,
  work: (client: HoldfastClient, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const leaving = new AbortController()
  const { signal } = leaving
  const leave = () => leaving.abort()
  // A second one ends the process at once.
  process.once('SIGINT', leave)
  try {
    return await useApi({ ...options, patient: true }, (client) => work(client, signal))
  } catch (error) {
    if (signal.aborted) throw new CommandError(options.left(false) ?? '', EXIT.interrupted)
    throw error
  } finally {
    process.off('SIGINT', leave)
  }
}
