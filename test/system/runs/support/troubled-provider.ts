import type { RecordedRequest } from '../../../../src/testing/recorded-request.ts'
import type { Script, ScriptedReply } from '../../../../src/testing/script.ts'
import type { ScriptedProvider } from '../../../../src/testing/start-scripted-provider.ts'
import { firstWords } from '../../../support/office/words.ts'

/** What a provider answers to the `attempt`th request (from 1) that a run makes of a model. */
export type Trouble = (model: string, attempt: number) => ScriptedReply

/** A script that plays troubles by a run's first words. */
export function troubledScript(troubles: Readonly<Record<string, Trouble>>): Script {
  const attempts = new Map<string, number>()
  return ({ model, messages }) => {
    const words = firstWords(messages)
    const key = `${words}/${model}`
    const attempt = (attempts.get(key) ?? 0) + 1
    attempts.set(key, attempt)
    const trouble = troubles[words]
    if (trouble === undefined) throw new Error(`No trouble is called “${words}”`)
    return trouble(model, attempt)
  }
}

/** The requests that a run made of a model, oldest first. */
export function requestsOf(
  provider: ScriptedProvider,
  words: string,
  model: string,
): readonly RecordedRequest[] {
  return provider.requests.filter(
    (request) => request.model === model && firstWords(request.messages) === words,
  )
}
