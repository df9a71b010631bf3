import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import {
  createEmbeddings,
  type Embeddings,
} from '../../../../src/activities/models/embeddings/create-embeddings.ts'

/** Answers one request. */
export type EmbeddingsAnswer = (input: string, response: ServerResponse) => void

export interface EmbeddingsServer {
  /** What it was asked, oldest first. */
  readonly inputs: string[]
  readonly embeddings: Embeddings
  answer: EmbeddingsAnswer
  close(): Promise<void>
}

/** An embeddings server on a real socket that answers as it is told. */
export async function startEmbeddingsServer(
  answer: EmbeddingsAnswer,
  prefix = '',
): Promise<EmbeddingsServer> {
  const inputs: string[] = []
  const server = createServer(async (request, response) => {
    const body = JSON.parse(await text(request)) as {
      input: string
    }
    inputs.push(body.input)
    running.answer(body.input, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const access = { baseUrl: `http://127.0.0.1:${port}/v1`, apiKey: null, model: 'test-embed', prefix }
  const running: EmbeddingsServer = {
    inputs,
    embeddings: createEmbeddings(access),
    answer,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return running
}

/** A usual answer with this vector. */
export function withVector(vector: readonly number[], tokens: number | null = 7): EmbeddingsAnswer {
  return (_, response) => {
    const usage = tokens === null ? {} : { usage: { prompt_tokens: tokens, total_tokens: tokens } }
    const data = [{ object: 'embedding', index: 0, embedding: vector }]
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({ object: 'list', data, ...usage }))
  }
}

/**
 * A usual answer as a real model gives it to texts of nearly the same meaning: all point the same way, and each a little elsewhere.
 *
 * @param cosine of the angle by which they are turned away from those of the default
 */
export function alike({ cosine = 1, dimensions = 16, tokens = 7 as number | null } = {}): EmbeddingsAnswer {
  return (input, response) => {
    const vector = new Array<number>(dimensions).fill(0)
    vector[0] = cosine
    vector[1] = Math.sqrt(1 - cosine ** 2)
    const ofText = [...input].reduce((sum, character) => sum + (character.codePointAt(0) ?? 0), 0)
    vector[2 + (ofText % (dimensions - 2))] = 0.05
    withVector(vector, tokens)(input, response)
  }
}
