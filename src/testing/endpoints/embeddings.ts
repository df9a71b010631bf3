import type { Fields } from '../read-body.ts'
import { string } from '../read-body.ts'
import { randomFrom, seedOf } from '../seeded.ts'

/** Makes a text's vector. */
export type Embed = (text: string, model: string) => readonly number[]

export interface EmbeddingsRequest {
  readonly model: string
  readonly texts: readonly string[]
  readonly encoding: 'float' | 'base64'
}

/** @throws where the body is not a request for embeddings of texts */
export function readEmbeddingsRequest(body: Fields): EmbeddingsRequest {
  const { input } = body
  const texts = (Array.isArray(input) ? input : [input]).map((text) => string(text, 'input'))
  if (texts.length === 0 || texts.includes('')) throw new Error('input cannot be an empty string')
  return {
    model: string(body.model, 'model'),
    texts,
    encoding: body.encoding_format === 'base64' ? 'base64' : 'float',
  }
}

/** The answer in OpenAI's shape. */
export function embeddingsObject(
  { model, texts, encoding }: EmbeddingsRequest,
  embed: Embed,
  tokens: number,
): unknown {
  return {
    object: 'list',
    model,
    data: texts.map((text, index) => ({
      object: 'embedding',
      index,
      embedding: spell(embed(text, model), encoding),
    })),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  }
}

function spell(
  vector: readonly number[],
  encoding: EmbeddingsRequest['encoding'],
): readonly number[] | string {
  return encoding === 'float' ? vector : Buffer.from(new Float32Array(vector).buffer).toString('base64')
}

const DIMENSIONS = 64

/** A unit vector of a text's words: texts that share words are near each other, in whatever order the words stand. */
export const embedWords: Embed = (text) => {
  const sum = new Array<number>(DIMENSIONS).fill(0)
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [text]) {
    const random = randomFrom(seedOf(word))
    for (let at = 0; at < DIMENSIONS; at += 1) sum[at] = (sum[at] ?? 0) + random() - 0.5
  }
  const length = Math.hypot(...sum) || 1
  return sum.map((value) => value / length)
}
