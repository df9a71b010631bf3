import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

const EMPLOYEES: Readonly<Record<string, { email: string; name: string; manager: string }>> = {
  'ada@corp.example': { email: 'ada@corp.example', name: 'Ada', manager: 'grace@corp.example' },
  'grace@corp.example': { email: 'grace@corp.example', name: 'Grace', manager: 'joan@corp.example' },
}
const ARTICLES: Readonly<Record<string, { eur: number }>> = { 'L-13': { eur: 1_200 }, 'L-16': { eur: 2_400 } }

/** A small company: who works there, what things cost, and what has been done. A repeated key does nothing again. */
export async function startCorpService(token: string) {
  const done = new Map<string, unknown>()
  const server = createServer(async (request, response) => {
    const answer = (status: number, body: object) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(body))
    }
    if (request.headers.authorization !== `Bearer ${token}`) return answer(401, {})
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://corp')
    const [, kind = '', name = ''] = pathname.split('/').map(decodeURIComponent)
    if (request.method === 'POST') {
      const body = (await json(request)) as { key: string }
      done.set(body.key, { kind, ...body })
      return answer(200, { done: kind })
    }
    if (kind === 'runbooks') {
      return answer(200, { found: [`How to: ${searchParams.get('words')}`] })
    }
    const found = kind === 'employees' ? EMPLOYEES[name] : ARTICLES[name]
    return found === undefined ? answer(404, {}) : answer(200, found)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** What was done, in its order. */
    done: () => [...done.values()],
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
