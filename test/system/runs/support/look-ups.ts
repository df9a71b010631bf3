import assert from 'node:assert/strict'
import { WRAP_UP } from '../../../../src/policies/budgets.ts'
import type { RecordedRequest } from '../../../../src/testing/recorded-request.ts'
import type { Script } from '../../../../src/testing/script.ts'
import type { ScriptedProvider } from '../../../../src/testing/start-scripted-provider.ts'
import { MISS } from '../../../support/office/scripts.ts'
import { firstWords } from '../../../support/office/words.ts'

/** What every answer of {@link lookUps} takes, and what that costs in micro-USD: of gpt-5.5, and of the cheaper gpt-5.4-mini. */
export const STEP = { inputTokens: 1_000, outputTokens: 500, microUsd: 20_000, cheapMicroUsd: 3_000 } as const

/** What it says when it is told that this is the end. */
export const WRAPPED_UP = 'That is as far as it went.'

/** `6 steps of 2, words`: six steps that call a tool twice each, then a last word; at once, or once `pace` lets it. */
export function lookUps(pace: (words: string) => Promise<unknown> = async () => undefined): Script {
  return async ({ messages, system }) => {
    const words = firstWords(messages)
    const [, steps = 0, calls = 1] = /^(\d+) steps of (\d+)/.exec(words) ?? []
    const step = messages.filter(({ role }) => role === 'assistant').length + 1
    const { inputTokens, outputTokens } = STEP
    const usage = { inputTokens, outputTokens }
    await pace(words)
    if (system.includes(WRAP_UP)) return { text: WRAPPED_UP, usage }
    if (step > Number(steps)) return { text: `All ${steps} steps are taken.`, usage }
    return { text: `Step ${step}.`, toolCalls: Array(Number(calls)).fill(MISS), usage }
  }
}

/** The requests that a run made of any model, oldest first; runs are known by their first words. */
export function askedBy({ requests }: ScriptedProvider, words: string): readonly RecordedRequest[] {
  return requests.filter(({ messages }) => firstWords(messages) === words)
}

/** Each step asked a model once, and was shown all the steps before it. */
export function assertEachStepOnce(requests: readonly RecordedRequest[]): void {
  const stepsShown = requests.map(
    ({ messages }) => messages.filter(({ role }) => role === 'assistant').length,
  )
  assert.deepEqual(
    stepsShown,
    stepsShown.map((_, index) => index),
  )
}

/** Tokens that the provider wants paid for, of the requests that it answered to their end. */
export function chargedFor(requests: readonly RecordedRequest[]) {
  const sum = (count: (usage: NonNullable<RecordedRequest['charged']>) => number) =>
    requests.reduce((total, { charged }) => total + (charged === null ? 0 : count(charged)), 0)
  return {
    input_tokens: sum(({ inputTokens }) => inputTokens),
    cached_input_tokens: sum(({ cachedInputTokens }) => cachedInputTokens),
    output_tokens: sum(({ outputTokens }) => outputTokens),
    model_calls: requests.filter(({ charged }) => charged !== null).length,
  }
}

/** What a request allows its answer. */
export function capOf({ body }: RecordedRequest): number {
  return Number((body as { readonly max_output_tokens?: number }).max_output_tokens)
}
