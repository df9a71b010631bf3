import type { Provider, Wire } from '../../contracts/models/model.ts'

/** Parameters that a request can do without. A server that refuses one is asked again without it. */
export const OPTIONAL_PARAMETERS = [
  'stream_options',
  'store',
  'include',
  'prompt_cache_key',
  'strict',
  'background',
] as const
export type OptionalParameter = (typeof OPTIONAL_PARAMETERS)[number]

/** The form of a request, where servers of one wire differ. */
export interface Dialect {
  /** Chat's name for the limit of output. */
  readonly outputLimit: 'max_tokens' | 'max_completion_tokens'
  /** Where Messages marks what is to be cached: `request` marks the end by one at the top, `blocks` by one on the last block. */
  readonly cacheControl: 'request' | 'blocks' | 'none'
  /** Parameters that are not sent. */
  readonly omit: readonly OptionalParameter[]
  /** `plain` leaves out reasoning and fields of the server's own, and gives every tool call a short id of letters and digits. */
  readonly history: 'full' | 'plain'
  /** `filled`: a call without a thought signature gets the value that makes Gemini skip the check. */
  readonly thoughtSignatures: 'as_made' | 'filled'
  /**
   * How a request says what JSON its answer has to be. `strict`: by the wire's strict mode where that can express the schema. `schema`: by
   * the wire's parameter, together with an instruction, and only where no tool is offered, since many compatible servers would hold calls to
   * the schema as well. `instructions`: by an instruction alone.
   */
  readonly structuredOutput: 'strict' | 'schema' | 'instructions'
}

interface WireDialects {
  /** For a server that is not among `hosts`. */
  readonly standard: Dialect
  /** By host; a name also stands for its subdomains. */
  readonly hosts: { readonly [host: string]: Partial<Dialect> }
}

const STANDARD: Dialect = {
  outputLimit: 'max_completion_tokens',
  cacheControl: 'request',
  omit: [],
  history: 'full',
  thoughtSignatures: 'as_made',
  structuredOutput: 'strict',
}

export const DIALECTS: { readonly [W in Wire]: WireDialects } = {
  'openai-responses': {
    standard: { ...STANDARD, structuredOutput: 'schema' },
    hosts: {
      'openai.com': { structuredOutput: 'strict' },
      'openai.azure.com': { structuredOutput: 'strict' },
    },
  },
  // Compatible servers get the parameters that most of them know; some refuse any other.
  'openai-chat': {
    standard: {
      ...STANDARD,
      outputLimit: 'max_tokens',
      omit: ['store', 'prompt_cache_key'],
      structuredOutput: 'schema',
    },
    hosts: {
      'openai.com': { outputLimit: 'max_completion_tokens', omit: [], structuredOutput: 'strict' },
      'openai.azure.com': { outputLimit: 'max_completion_tokens', structuredOutput: 'strict' },
      'api.mistral.ai': { omit: ['store', 'prompt_cache_key', 'stream_options'], history: 'plain' },
    },
  },
  'anthropic-messages': { standard: STANDARD, hosts: {} },
}

/** A row of an operator's file (`HOLDFAST_DIALECTS`). What it leaves out stays as it is above. */
export interface DialectOverride extends Partial<Dialect> {
  readonly provider: Provider
  /** Absent: every wire of the provider. */
  readonly wire?: Wire
  /** As the plan names it, letter by letter. Absent: every model. */
  readonly model?: string
}

/** How often one attempt changes a request that a server refuses, and sends it again at once. */
export const MOST_RESPELLINGS = 5

/** Texts that fill a gap in a transcript, which some servers would refuse. */
export const HISTORY_TEXTS = {
  /** A user's message, where a conversation would begin or end with one of the model. */
  goOn: 'Please go on.',
  /** The result of a call that has none. */
  noResult: '{"error":"no_result","message":"No result of this call is on record."}',
  /** A message of the model, between a tool's result and the user's next message. */
  noted: 'Noted.',
  /** Before the images of the results above, on the wire whose results are text alone. */
  imagesOfResults: '[The images of the results above, in their order.]',
  /** After the words for a file whose content is gone. */
  fileRemoved: '(This file was removed.)',
} as const
