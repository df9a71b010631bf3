import { setTimeout as delay } from 'node:timers/promises'
import type { ScriptedProvider } from '../../../../../src/testing/start-scripted-provider.ts'
import type { ProviderName } from './charge.ts'

export type TwoProviders = Readonly<Record<ProviderName, ScriptedProvider>>

/** Bad weather, from when so large a share of the runs has ended. */
interface Front {
  readonly at: number
  readonly what: string
  begin(providers: TwoProviders): void
  end(providers: TwoProviders): void
}

const FRONTS: readonly Front[] = [
  {
    at: 0.1,
    what: 'anthropic drops every connection',
    begin: ({ anthropic }) => anthropic.goAway({ how: 'refuse' }),
    end: ({ anthropic }) => anthropic.comeBack(),
  },
  {
    at: 0.35,
    what: 'openai answers every model call 429, with Retry-After',
    begin: ({ openai }) =>
      openai.goAway({
        how: { status: 429, headers: { 'retry-after': '2' } },
        only: ({ endpoint }) => endpoint !== 'embeddings',
      }),
    end: ({ openai }) => openai.comeBack(),
  },
  {
    at: 0.6,
    what: 'openai answers nothing, embeddings included',
    begin: ({ openai }) => openai.goAway({ how: 'hang' }),
    end: ({ openai }) => openai.comeBack(),
  },
]

export interface Weather {
  /** Tells how many of the runs have ended. */
  ended(runs: number): void
  /** Resolves once no front is left that has begun, to what there was. */
  over(): Promise<readonly string[]>
}

/** Providers that are away for a while, one after the other. */
export function createWeather(providers: TwoProviders, runs: number, lastsMs: number): Weather {
  const coming = [...FRONTS]
  const seen: string[] = []
  let passing: Promise<void> = Promise.resolve()

  async function pass({ what, begin, end }: Front): Promise<void> {
    seen.push(what)
    begin(providers)
    await delay(lastsMs)
    end(providers)
  }

  return {
    ended(count) {
      while (coming[0] !== undefined && count >= coming[0].at * runs) {
        const front = coming.shift()
        if (front !== undefined) passing = passing.then(() => pass(front))
      }
    },
    async over() {
      await passing
      return seen
    },
  }
}
