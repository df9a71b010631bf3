import { assertBooks } from '../../../../store/support/books.ts'
import { wordsOf } from '../../../../support/office/words.ts'
import { ACCOUNT, allEffects, totalOf } from '../pay-desk/books.ts'
import { type BookedCall, bookedCalls } from './booked-call.ts'
import { charge, PROVIDERS } from './charge.ts'
import { type Billed, type Comparison, compareLedger } from './compare-ledger.ts'
import type { Played, PlayedRun } from './play-bad-days.ts'
import { markIn } from './troubled-run.ts'
import { type Happened, whatHappened } from './what-happened.ts'

/** What was promised, and broken: lists of what speaks against it, empty where nothing does. */
export interface Promises {
  /** Ended otherwise than with the answer that was meant. */
  readonly notCompleted: readonly string[]
  readonly stuck: readonly string[]
  readonly wrongEffects: readonly string[]
  readonly wrongBooks: readonly string[]
  readonly limitsPassed: readonly string[]
}

export interface Audit {
  readonly promises: Promises
  readonly calls: readonly BookedCall[]
  readonly bills: readonly Billed[]
  readonly comparison: Comparison
  readonly happened: Happened
}

/** Looks at everything that the runs have left: their ends, their effects, our books and the providers'. */
export async function audit(played: Played): Promise<Audit> {
  const { system, runs, limitsPassed } = played
  const { database } = system
  const calls = await bookedCalls(database)
  const bills = billsOf(played)
  const markOf = new Map(runs.map(({ id, meant }) => [id, meant.mark]))
  const comparison = compareLedger(calls, bills, ({ runId, model }) => `${markOf.get(runId)} ${model}`)
  const unbalanced = await assertBooks(database, 'default').then(
    () => [],
    (error: unknown) => [
      `runs, counters and attempts differ: ${error instanceof Error ? error.message : error}`,
    ],
  )
  return {
    promises: {
      notCompleted: runs.flatMap(({ id, meant, ended }) =>
        ended === null || (ended.status === 'completed' && ended.output === meant.output)
          ? []
          : [`${id} (${meant.mark}): ${ended.status} ${ended.reason ?? ''} ${ended.output ?? ''}`],
      ),
      stuck: runs.flatMap(({ id, meant, ended }) => (ended === null ? [`${id} (${meant.mark})`] : [])),
      wrongEffects: await wrongEffects(played),
      wrongBooks: [...comparison.faults, ...unbalanced, ...ledgerProblems(played, bills)],
      limitsPassed: limitsPassed.map((passed) => JSON.stringify(passed)),
    },
    calls,
    bills,
    comparison,
    happened: await whatHappened(database),
  }
}

/** Every request to a model that the providers have received, as they bill it. */
function billsOf({ providers }: Pick<Played, 'providers'>): Billed[] {
  return PROVIDERS.flatMap((provider) =>
    providers[provider].requests.map(({ requestId, model, messages, charged, begun, wire }): Billed => {
      const price = (usage: typeof charged) => (usage === null ? 0 : charge(provider, wire, model, usage))
      return {
        requestId,
        place: `${markIn(messages.map(wordsOf))} ${model}`,
        chargedMicroUsd: price(charged),
        atRiskMicroUsd: charged === null ? price(begun) : 0,
      }
    }),
  )
}

/** The ledger that tests are given has to say the same as the requests, one by one. */
function ledgerProblems({ providers }: Played, bills: readonly Billed[]): string[] {
  const rows = Object.values(providers).flatMap((provider) => provider.ledger())
  const total = (of: (bill: Billed) => number) => bills.reduce((sum, bill) => sum + of(bill), 0)
  const told = rows.reduce((sum, { costMicroUsd }) => sum + costMicroUsd, 0)
  const charged = total(({ chargedMicroUsd }) => chargedMicroUsd)
  return told === charged ? [] : [`the ledger says ${told} micro-USD, its requests ${charged}`]
}

/** What the tools have done besides what they were to do, or have not done, by run; and a total that is not the payments' sum. */
async function wrongEffects({ system: { database }, runs }: Played): Promise<string[]> {
  const effects = await allEffects(database)
  const ofRun = Map.groupBy(effects, ({ runId }) => runId)
  const told = (all: readonly { readonly tool: string; readonly arguments: object }[]) =>
    all.map(({ tool, arguments: args }) => `${tool} ${JSON.stringify(Object.entries(args).sort())}`).sort()
  const wrong = runs.flatMap(({ id, meant, ended }: PlayedRun) => {
    const done = told(ofRun.get(id) ?? [])
    const due = told(meant.effects)
    // A run that is stuck may still do what it was meant to, once.
    const isWrong =
      ended === null
        ? done.some((effect, n) => !due.includes(effect) || done.indexOf(effect) !== n)
        : done.join() !== due.join()
    return isWrong ? [`${id} (${meant.mark}): ${done.join('; ')} in place of ${due.join('; ')}`] : []
  })
  const paid = effects.reduce(
    (sum, { tool, arguments: args }) => sum + (tool === 'pay_out' ? Number(args['cents']) : 0),
    0,
  )
  const total = await totalOf(database, ACCOUNT)
  return total === paid ? wrong : [...wrong, `the account's total is ${total}, its payments are ${paid}`]
}
