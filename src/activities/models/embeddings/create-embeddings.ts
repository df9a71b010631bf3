import { z } from 'zod'
import type { EmbeddingsAccess } from '../../../app/models/embeddings-access.ts'
import type { Provider } from '../../../contracts/models/model.ts'
import { EMBEDDINGS } from '../../../policies/models/answer-cache.ts'
import { MODEL_CLOCKS } from '../../../policies/models/models.ts'
import { recordingFetch } from '../../dossier/recording-fetch.ts'
import { openaiClient } from '../create-model-adapters.ts'
import { type FailureContext, toModelFailure } from '../failures/to-model-failure.ts'
import { createBoundedFetch } from '../wires/bounded-fetch.ts'

export interface Embedding {
  /** Of length 1. */
  readonly vector: readonly number[]
  /** As the server counts them; null where it does not. */
  readonly inputTokens: number | null
}

export interface Embeddings {
  /** Under this name its requests are in the books and its prices in the price book: `openai`, or `embeddings` for any other server. */
  readonly provider: Provider
  readonly model: string
  /** The most tokens that the request can have: none is less than a byte. */
  mostTokens(text: string): number
  /**
   * One request, without a retry.
   *
   * @throws ModelFailure where there is no usable vector, and `signal.reason` where the signal was aborted
   */
  embed(text: string, signal: AbortSignal): Promise<Embedding>
}

/** The provider under whose name requests to other servers than OpenAI's own are booked. */
export const OWN_EMBEDDINGS: Provider = 'embeddings'

const OPENAI_HOST = 'api.openai.com'

const answer = z.object({
  data: z.tuple([
    z.object({
      embedding: z.array(z.number()).min(EMBEDDINGS.leastDimensions).max(EMBEDDINGS.maxDimensions),
    }),
  ]),
  usage: z.object({ prompt_tokens: z.int().positive() }).optional().catch(undefined),
})

/** Embeddings of any server that speaks OpenAI's `/v1/embeddings`. */
export function createEmbeddings({ baseUrl, apiKey, model, prefix }: EmbeddingsAccess): Embeddings {
  const client = openaiClient(apiKey, baseUrl, recordingFetch(createBoundedFetch(MODEL_CLOCKS.connectMs)))
  return {
    provider: new URL(baseUrl).hostname === OPENAI_HOST ? 'openai' : OWN_EMBEDDINGS,
    model,
    mostTokens: (text) => Buffer.byteLength(prefix + text) + EMBEDDINGS.overheadTokens,
    async embed(text, signal) {
      signal.throwIfAborted()
      const progress = { answering: false, hasBegun: false, requestId: null } satisfies FailureContext as {
        -readonly [K in keyof FailureContext]: FailureContext[K]
      }
      const within = AbortSignal.any([signal, AbortSignal.timeout(EMBEDDINGS.timeoutMs)])
      try {
        const request = { model, input: prefix + text, encoding_format: 'float' } as const
        const response = await client.embeddings.create(request, { signal: within }).asResponse()
        progress.answering = true
        const { data, usage } = answer.parse(JSON.parse(await readBounded(response)))
        return { vector: toUnit(data[0].embedding), inputTokens: usage?.prompt_tokens ?? null }
      } catch (error) {
        if (signal.aborted) throw signal.reason
        throw toModelFailure(error, progress)
      }
    },
  }
}

/** @throws where the body is larger than an embedding can be: an endless one would fill the worker's memory */
async function readBounded({ body }: Response): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of body ?? []) {
    bytes += part.length
    if (bytes > EMBEDDINGS.maxResponseBytes) throw new Error('the embeddings server sends too much')
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

/** @throws where the vector has no direction, and so no similarity to any other */
function toUnit(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector)
  if (!Number.isFinite(length) || length === 0) throw new Error('the embedding has no direction')
  return vector.map((value) => value / length)
}
