import { request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { startRawServer } from '../../models/support/raw-server.ts'

/** What has gone through a socket, byte by byte. */
export interface Tapped {
  readonly method: string
  readonly path: string
  readonly request: Buffer
  readonly answer: Buffer
}

/** A server in front of another one, which notes what goes through it. */
export async function tapServer(
  t: Pick<TestContext, 'after'>,
  url: string,
): Promise<{ readonly url: string; readonly tapped: readonly Tapped[] }> {
  const tapped: Tapped[] = []
  const tap = await startRawServer(t, async (incoming, response) => {
    const { method = '', url: path = '/', headers } = incoming
    const body = await buffer(incoming)
    const chunks: Buffer[] = []
    request(new URL(path, url), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        response.write(chunk)
      })
      answer.on('end', () => {
        tapped.push({ method, path, request: body, answer: Buffer.concat(chunks) })
        response.end()
      })
    }).end(body)
  })
  return { url: tap, tapped }
}
