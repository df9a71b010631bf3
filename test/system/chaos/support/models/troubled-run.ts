import type { JsonObject } from '../../../../../src/contracts/json.ts'
import { ACCOUNT } from '../pay-desk/books.ts'

export const AGENTS = ['payer', 'reporter', 'answerer', 'talker', 'racer', 'walker', 'climber'] as const
export type Agent = (typeof AGENTS)[number]

/** A run, and what has to come of it. */
export interface TroubledRun {
  readonly agent: Agent
  readonly input: string
  /** What its requests can be told by: each of them has it in a message. */
  readonly mark: string
  readonly output: string
  /** What its tools are to have done, each once. */
  readonly effects: readonly { readonly tool: 'pay_out' | 'open_ticket'; readonly arguments: JsonObject }[]
}

/** Runs that ask one of so many questions are asked the same again, in other words too. */
const RUNS_A_QUESTION = 4

const WORDINGS = [
  (account: number) => `How do I open the account ${account} of the savings club?`,
  (account: number) => `Please, how do I open the account ${account} of the savings club?`,
  (account: number) => `How do I open account ${account} of the savings club, please?`,
]

export function troubledRun(number: number): TroubledRun {
  const agent = AGENTS[number % AGENTS.length] ?? AGENTS[0]
  const turn = Math.floor(number / AGENTS.length)
  if (agent === 'answerer') {
    const account = Math.floor(turn / RUNS_A_QUESTION) + 1
    const wording = WORDINGS[turn % WORDINGS.length] ?? WORDINGS[0]
    const input = wording?.(account) ?? ''
    return { agent, input, mark: input, output: answerTo(input), effects: [] }
  }
  const mark = `Run ${number} of the ${agent}`
  const effects = agent === 'climber' ? [] : effectsOf(agent, number)
  const output = agent === 'reporter' || agent === 'climber' ? reportOf(number) : lastWords(mark)
  return { agent, input: `${mark}.`, mark, output, effects }
}

/** The mark of a request, or of what a run was started with. */
export function markIn(texts: readonly string[]): string {
  for (const text of texts) {
    const [mark] = /Run \d+ of the [a-z]+/.exec(text) ?? []
    if (mark !== undefined) return mark
  }
  return texts[0] ?? ''
}

/** An answer names the account that was asked about, so that another question's answer shows. */
export function answerTo(question: string): string {
  const [account = 'none'] = /\d+/.exec(question) ?? []
  return `Account ${account} is opened at the counter, on any working day.`
}

export function lastWords(mark: string): string {
  return `${mark}: everything is done, and nothing was done twice.`
}

export function reportOf(number: number): string {
  return JSON.stringify({ account: ACCOUNT, paid_cents: number, urgent: number % 2 === 0 })
}

function effectsOf(agent: Agent, number: number): TroubledRun['effects'] {
  const pay = (cents: number) => ({
    tool: 'pay_out' as const,
    arguments: { account: ACCOUNT, cents, note: `For run ${number}.` },
  })
  if (agent !== 'payer') return [pay(300)]
  const ticket = { topic: 'delivery', urgency: 'normal', text: `Run ${number} asks for a call.` }
  return [pay(100), pay(200), { tool: 'open_ticket', arguments: ticket }]
}
