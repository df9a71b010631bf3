import { type Mistake, mistakesText } from '../api/mistakes-text.ts'
import { CommandError } from '../command-error.ts'

/** Calls the API of a stack that is up. Resolves to null where it answers 404. */
export type CallApi = <T>(method: string, path: string, body?: object) => Promise<T | null>

/**
 * @param key null where the API asks for none
 * @returns a function that throws CommandError where the API does not answer, or refuses
 */
export function createApiClient(baseUrl: string, key: string | null): CallApi {
  return async <T>(method: string, path: string, body?: object) => {
    const answer = await fetch(new URL(path, baseUrl), {
      method,
      headers: {
        ...(key !== null && { authorization: `Bearer ${key}` }),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    }).catch(() => {
      throw new CommandError(
        `A stack that is up has the store open, but its API does not answer at ${baseUrl}. Set HOST and PORT as it was started with.`,
      )
    })
    if (answer.status === 404) return null
    const resource = (await answer.json()) as T & {
      readonly detail?: string
      readonly errors?: readonly Mistake[]
    }
    if (!answer.ok)
      throw new CommandError(
        `The API refused: ${resource.detail ?? answer.status}${mistakesText(resource.errors)}`,
      )
    return resource
  }
}
