import { createClient, type HoldfastClient, HoldfastError } from '../../client/index.ts'
import { loadConfig } from '../../config/config.ts'
import { visible } from '../../contracts/operator-text.ts'
import { COMMAND_LINE } from '../../policies/command-line.ts'
import { CommandError } from '../command-error.ts'
import { EXIT } from '../exit-codes.ts'
import { complain } from '../output.ts'
import { apiAddressOf } from './api-address.ts'
import { commandLineMistakes, mistakesText } from './mistakes-text.ts'

export interface UseOptions {
  readonly url?: string | null
  /** Outlives a restart of the API, in place of telling the person soon that nobody answers. */
  readonly patient?: boolean
  /** The options and arguments, by the pointers of what they become in the request's body: what is wrong there is a mistake of the command line. */
  readonly names?: Readonly<Record<string, string>>
  /** What a failure leaves behind, for its message. @param isRefused the API has answered, and the same would be refused again */
  readonly left?: (isRefused: boolean) => string | null
}

/** Does something with a client of the API that the person means. @throws CommandError with the API's own words where it refuses */
export async function useApi<T>(
  { url = null, patient = false, names = {}, left }: UseOptions,
  work: (client: HoldfastClient) => Promise<T>,
): Promise<T> {
  const api = apiAddressOf(loadConfig(), url)
  try {
    const key = api.key === null ? {} : { key: api.key }
    const waiting = patient
      ? { timing: COMMAND_LINE.patient, onRetry: retryNotice(api.url) }
      : { timing: COMMAND_LINE.soon }
    return await work(createClient({ url: api.url, ...key, ...waiting }))
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error
    const mistakes = error.status === 400 ? commandLineMistakes(error.errors, names) : null
    if (mistakes !== null) throw new CommandError(mistakes, EXIT.usage)
    const { message, exitCode } = toCommandError(error, api.url)
    const rest = left?.(exitCode !== EXIT.unavailable) ?? null
    throw new CommandError(rest === null ? message : `${message}\n${rest}`, exitCode)
  }
}

/** Tells a person once that the command goes on asking. */
function retryNotice(url: string): (error: HoldfastError) => void {
  let isTold = false
  return ({ status, message }) => {
    if (isTold || status === 429) return
    isTold = true
    const what = status === 0 ? `No API answers at ${url}.` : visible(message)
    complain(`${what} It is asked again for some minutes.`)
  }
}

/** What a person reads of a request that came to nothing. */
export function toCommandError(error: HoldfastError, url: string): CommandError {
  if (error.code === 'no_answer')
    return new CommandError(
      `No API answers at ${url}. Start a stack with "holdfast dev", or name the API with --url or HOLDFAST_API_URL.`,
      EXIT.unavailable,
    )
  const advice = error.status === 401 ? ' HOLDFAST_API_KEY names the key.' : ''
  return new CommandError(
    `${visible(error.message)}${advice}${mistakesText(error.errors)}`,
    exitCodeOf(error),
  )
}

function exitCodeOf({ status }: HoldfastError): number {
  if (status === 404) return EXIT.notFound
  return status === 429 || status >= 500 ? EXIT.unavailable : EXIT.refused
}
