import type { Wire } from '../../../contracts/models/model.ts'
import type { Dialect, OptionalParameter } from '../../../policies/models/dialects.ts'
import type { ForeignError } from '../failures/foreign-error.ts'

/** A change of dialect for a request that the server has refused. */
export interface Respelling {
  readonly change: Partial<Dialect>
  /** The refusal was about the form of requests, and not about the content of this one: the change is kept for later requests. */
  readonly lasting: boolean
}

interface RefusedRequest {
  readonly wire: Wire
  /** The dialect of the refused request. */
  readonly dialect: Dialect
  /** The dialect of this attempt's first request. */
  readonly first: Dialect
  /** Whether the transcript has answers of models. */
  readonly hasAnswers: boolean
  /** Whether the request has an output schema. */
  readonly hasSchema: boolean
}

const PARAMETERS: { readonly [W in Wire]: readonly OptionalParameter[] } = {
  'openai-responses': ['store', 'include', 'prompt_cache_key', 'strict', 'background'],
  'openai-chat': ['stream_options', 'store', 'prompt_cache_key'],
  'anthropic-messages': [],
}

const NOT_TAKEN =
  /unsupported|not supported|unknown|unrecogni[sz]ed|unexpected|\bextra\b|extra_forbidden|forbidden|not (permitted|allowed|accepted|available|valid)|unavailable|does(n't| not) (support|accept|recogni[sz]e|exist|take)|invalid (argument|parameter|field|property|key)|no such|additional propert|cannot be (set|used)/i

/** A refusal about the output schema, or the parameter that it stands in. */
const OUTPUT = /response_format|text\.format|output_config|output_format|json_?schema|structured[ _]outputs?/i

/** A refusal of one schema: others may be taken. */
const ONE_SCHEMA = /invalid schema|schema (is )?(too|invalid)|in context/i

/** A refusal about the form of ids, names or roles: later messages would have the same form. */
const FORM = /pattern|a-z|too long|max_?length|maximum length|\brole/i

/** A refusal about encrypted or signed items: it is about this conversation alone, and its key may have changed. */
const SEALED = /encrypted|signature|not found|persisted/i

/**
 * Finds out from a refusal what the server does not accept, the most certain first: an output schema, a parameter by its name, a missing signature, or
 * else the history. Refusals of a history have many wordings, and a refused request is not billed. So any other refusal of a
 * conversation is answered with its plain form, once. null where nothing is left to change.
 */
export function respell(
  { names, text }: ForeignError,
  { wire, dialect, first, hasAnswers, hasSchema }: RefusedRequest,
): Respelling | null {
  const wording = [...names, text].join(' ')
  const lasting = (change: Partial<Dialect>) => ({ change, lasting: true })

  if (hasSchema && dialect.structuredOutput !== 'instructions' && OUTPUT.test(wording)) {
    const hasLess = dialect.structuredOutput === 'strict' && wire !== 'anthropic-messages'
    const change = { structuredOutput: hasLess ? 'schema' : 'instructions' } as const
    return { change, lasting: NOT_TAKEN.test(wording) && !ONE_SCHEMA.test(wording) }
  }
  if (NOT_TAKEN.test(wording)) {
    const refused = PARAMETERS[wire].filter((name) => !dialect.omit.includes(name) && isNamed(name, wording))
    if (refused.length > 0) return lasting({ omit: [...dialect.omit, ...refused] })

    const { outputLimit, cacheControl } = dialect
    if (wire === 'openai-chat' && outputLimit === first.outputLimit && isNamed(outputLimit, wording))
      return lasting({ outputLimit: outputLimit === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens' })
    if (wire === 'anthropic-messages' && cacheControl !== 'none' && isNamed('cache_control', wording))
      return lasting({ cacheControl: cacheControl === 'request' ? 'blocks' : 'none' })
  }
  if (
    wire === 'openai-chat' &&
    dialect.thoughtSignatures === 'as_made' &&
    /thought_?signature/i.test(wording)
  )
    return lasting({ thoughtSignatures: 'filled' })
  if (dialect.history === 'full' && hasAnswers) {
    const ofForm = (NOT_TAKEN.test(wording) || FORM.test(wording)) && !SEALED.test(wording)
    return { change: { history: 'plain' }, lasting: ofForm }
  }
  return null
}

/** Whether the wording has the name. A name that is also an English word counts only in quotation marks or in a path. */
function isNamed(name: string, wording: string): boolean {
  return new RegExp(name.includes('_') ? `\\b${name}\\b` : `["'\`.]${name}["'\`:\\]]`).test(wording)
}
