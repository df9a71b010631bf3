import type { HopBudget } from '../../contracts/budgets/budget.ts'
import type { PlannedCache } from '../../contracts/cache/answer-cache.ts'
import type { Json } from '../../contracts/json.ts'
import type { PlannedModel } from '../../contracts/models/model.ts'
import type { Message, UserMessage } from '../../contracts/runs/message.ts'
import type { PlannedAgent, RunPlan } from '../../contracts/runs/plan.ts'
import type { RunIdentity } from '../../contracts/runs/run.ts'
import { canonicalSha256 } from '../../security/canonical-sha256.ts'

interface CacheableRequest {
  readonly run: RunIdentity
  readonly cache: PlannedCache
  /** The agent as it was planned. */
  readonly agent: PlannedAgent
  readonly model: PlannedModel
  readonly system: string
  readonly tools: readonly {
    readonly name: string
    readonly description: string
    readonly inputSchema: Json
  }[]
  readonly messages: readonly Message[]
}

/** A request as one hop of a run makes it. */
export interface CacheableCall extends CacheableRequest {
  readonly step: number
  readonly hop: number
  /** Limits what an embedding of the question may cost. */
  readonly budget: HopBudget | undefined
}

export interface RequestKeys {
  /** Equal for requests that a model would be asked letter by letter alike. */
  readonly key: string
  /** Equal for requests that differ in the text of their last message only. */
  readonly frame: string
  /** The text of the last message; null where that is not a person's, or has files, and so nothing to compare. */
  readonly question: string | null
}

/** Goes up with every change of what a key is made of, so that no answer is found under a key that means something else. */
const FORMAT = 1

/**
 * Everything that an answer hangs on. A new field of a planned agent becomes a part of it without a change here: what is left out is
 * what no model is told.
 */
export function requestKeys(request: CacheableRequest): RequestKeys {
  const { run, cache, model, system, tools, messages } = request
  const last = messages.at(-1)
  // No wording says what a file shows.
  const question = last?.role === 'user' && last.files === undefined ? last.text : null
  const frame = canonicalSha256(
    plain({
      format: FORMAT,
      tenant: run.tenant,
      principal: cache.scope === 'principal' ? run.principal : null,
      agent: tellingPart(request.agent),
      model,
      system,
      tools: tools.map(({ name, description, inputSchema }) => [name, description, inputSchema]),
      messages: spelled(
        messages.map((message, index) => (index < messages.length - 1 ? message : untold(message))),
      ),
    }),
  )
  const key = canonicalSha256(plain({ frame, last: last === undefined ? null : spelled([last]) }))
  return { key, frame, question }
}

/** Whether a transcript has calls of tools. */
export function hasUsedTools(messages: readonly Message[]): boolean {
  return messages.some(
    (message) => message.role === 'tool' || (message.role === 'assistant' && message.toolCalls.length > 0),
  )
}

/** Whether the run asks to go on with the last answer, or to repair it: what comes of that is no answer by itself. */
export function isAskedAgain(messages: readonly Message[]): boolean {
  const last = messages.at(-1)
  return last?.role === 'user' && last.about !== undefined
}

/** Without what the run does with the answer, and, in a run's whole plan, without what belongs to the run. */
function tellingPart(agent: PlannedAgent & Partial<RunPlan>): object {
  const {
    chain: _chain,
    cheaperChain: _cheaperChain,
    degradedAnswer: _degradedAnswer,
    whenNoModel: _whenNoModel,
    format: _format,
    caller: _caller,
    specialists: _specialists,
    subAgents: _subAgents,
    budget: _budget,
    approvalTerms: _approvalTerms,
    limits: _limits,
    ...telling
  } = agent
  return telling
}

/** A person's last message without its text; any other is compared whole. */
function untold(message: Message): Message {
  return message.role === 'user' ? { ...message, text: '' } : message
}

/** Messages without what is the provider's own. Ids of calls are random: their places in the transcript stand for them. */
function spelled(messages: readonly Message[]): readonly object[] {
  const places = new Map<string, number>()
  const placeOf = (callId: string) => {
    const place = places.get(callId) ?? places.size
    places.set(callId, place)
    return place
  }
  return messages.map((message) => {
    if (message.role === 'user') return { ...message, ...contentOf(message) }
    if (message.role === 'tool') return { ...message, ...contentOf(message), callId: placeOf(message.callId) }
    const { role, text, toolCalls } = message
    return { role, text, toolCalls: toolCalls.map((call) => ({ ...call, callId: placeOf(call.callId) })) }
  })
}

/** Files by their content: the same picture may be sent as another file. */
function contentOf({ files }: Pick<UserMessage, 'files'>): object {
  return files === undefined
    ? {}
    : { files: files.map(({ sha256, type, name, at }) => ({ sha256, type, name, at })) }
}

/** Members that are undefined have no canonical spelling. */
function plain(value: object): Json {
  return JSON.parse(JSON.stringify(value)) as Json
}
