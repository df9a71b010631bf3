import { createClient, type HoldfastClient, HoldfastError } from '../../client/index.ts'
import type { ApiAddress } from '../api/api-address.ts'
import { type Check, fail, ok, warn } from './check.ts'

const ANSWER_MS = 5_000

/** Whether the API answers and is ready, and whether it takes the key. */
export async function checkApi({ url, key }: ApiAddress): Promise<Check[]> {
  const client = createClient({
    url,
    ...(key !== null && { key }),
    timing: { retries: 0, answerMs: ANSWER_MS },
  })
  const api = await checkReady(client, url)
  const answered = api.state !== 'fail' || !api.found.endsWith(NO_ANSWER)
  return answered ? [api, await checkKey(client, key)] : [api]
}

const NO_ANSWER = 'does not answer'

async function checkReady(client: HoldfastClient, url: string): Promise<Check> {
  try {
    const { warnings = [] } = await client.request('GET /ready')
    if (warnings.length === 0) return ok('api', `the API at ${url} is ready`)
    return warn('api', `the API at ${url} is ready, but`, warnings.map(({ detail }) => detail).join(' '))
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error
    if (error.code === 'no_answer')
      return fail(
        'api',
        `the API at ${url} ${NO_ANSWER}`,
        'Start it with "holdfast api APP" or "holdfast dev", or set HOLDFAST_API_URL.',
      )
    const details = error.errors.map(({ pointer, detail }) => `${pointer.slice(1)}: ${detail}`)
    return fail('api', `the API at ${url} is not ready`, [error.message, ...details].join(' '))
  }
}

async function checkKey(client: HoldfastClient, key: string | null): Promise<Check> {
  try {
    await client.request('GET /v1/agents')
    return ok('key', key === null ? 'the API asks for no key' : 'the API takes the key')
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error
    if (error.status === 403) return ok('key', 'the API takes the key, which may not read runs')
    if (error.status !== 401) return warn('key', 'could not be checked', error.message)
    return fail(
      'key',
      key === null ? 'there is none' : 'the API does not take the key',
      'Make one with "holdfast keys create", and set HOLDFAST_API_KEY.',
    )
  }
}
