import type { Wire } from '../../../contracts/model.ts'
import type { Dialect, OptionalParameter } from '../../../policies/dialects.ts'
import type { ForeignError } from '../failures/foreign-error.ts'

/** Another way to ask, for a server that has refused the first. */
export interface Respelling {
  readonly change: Partial<Dialect>
  /** The refusal was about the form of requests, not about what stood in this one: it holds for the requests to come. */
  readonly lasting: boolean
}

interface Refused {
  readonly wire: Wire
  /** How the request was spelled. */
  readonly dialect: Dialect
  /** How the first request of this attempt was spelled. */
  readonly first: Dialect
  /** There are answers of models in the transcript. */
  readonly hasAnswers: boolean
}

const PARAMETERS: { readonly [W in Wire]: readonly OptionalParameter[] } = {
  'openai-responses': ['store', 'include', 'prompt_cache_key', 'strict'],
  'openai-chat': ['stream_options', 'store', 'prompt_cache_key'],
  'anthropic-messages': [],
}

const NOT_TAKEN =
  /unsupported|not supported|unknown|unrecogni[sz]ed|unexpected|\bextra\b|extra_forbidden|forbidden|not (permitted|allowed|accepted|available|valid)|does(n't| not) (support|accept|recogni[sz]e|exist|take)|invalid (argument|parameter|field|property|key)|no such|additional propert|cannot be (set|used)/i

/** Ids, names and roles: what one message has wrong, the next one will. */
const FORM = /pattern|a-z|too long|max_?length|maximum length|\brole/i

/** Sealed items: of one conversation, and perhaps sealed by a key that was changed. */
const SEALED = /encrypted|signature|not found|persisted/i

/**
 * Reads a refusal for what the server does not take, the most certain first: a parameter by its name, a missing signature,
 * and else the history. Wordings about history are many, and a refused request is billed by nobody, so any unread refusal
 * of a conversation is answered with the plain form of it, once. null where there is nothing left to change.
 */
export function respell(
  { names, text }: ForeignError,
  { wire, dialect, first, hasAnswers }: Refused,
): Respelling | null {
  const said = [...names, text].join(' ')
  const lasting = (change: Partial<Dialect>) => ({ change, lasting: true })

  if (NOT_TAKEN.test(said)) {
    const refused = PARAMETERS[wire].filter((name) => !dialect.omit.includes(name) && isNamed(name, said))
    if (refused.length > 0) return lasting({ omit: [...dialect.omit, ...refused] })

    const { outputLimit, cacheControl } = dialect
    if (wire === 'openai-chat' && outputLimit === first.outputLimit && isNamed(outputLimit, said))
      return lasting({ outputLimit: outputLimit === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens' })
    if (wire === 'anthropic-messages' && cacheControl !== 'none' && isNamed('cache_control', said))
      return lasting({ cacheControl: cacheControl === 'request' ? 'blocks' : 'none' })
  }
  if (wire === 'openai-chat' && dialect.thoughtSignatures === 'as_made' && /thought_?signature/i.test(said))
    return lasting({ thoughtSignatures: 'filled' })
  if (dialect.history === 'full' && hasAnswers) {
    const ofForm = (NOT_TAKEN.test(said) || FORM.test(said)) && !SEALED.test(said)
    return { change: { history: 'plain' }, lasting: ofForm }
  }
  return null
}

/** A name that is also a word of English counts where it is quoted or stands in a path. */
function isNamed(name: string, said: string): boolean {
  return new RegExp(name.includes('_') ? `\\b${name}\\b` : `["'\`.]${name}["'\`:\\]]`).test(said)
}
