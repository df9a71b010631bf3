import { promisify } from 'node:util'
import { gzip, gzipSync } from 'node:zlib'
import { DOSSIER } from '../../policies/operations/dossier.ts'
import { type CutRequest, cutRequest } from '../../store/dossier/cut-request.ts'
import type { NewExchange } from '../../store/dossier/keep-exchanges.ts'
import { credentialsIn, maskCredentials } from './credentials.ts'
import { keptAnswerHeaders, keptRequestHeaders, keptUrl } from './kept-headers.ts'
import type { RecordedExchange } from './recorded-exchange.ts'

export interface PreparedExchange {
  readonly exchange: NewExchange
  /** null where the request's body is not kept, or it is stored already. */
  readonly cut: CutRequest | null
}

interface Preparing {
  /** The process that made the request. */
  readonly worker: string
  readonly isOver: boolean
  /** It was stored while the exchange was under way. */
  readonly isRequestKept: boolean
}

/** An exchange as it is stored: bounded, without keys, its request in parts and its answer compressed. */
export async function prepareExchange(
  exchange: RecordedExchange,
  { worker, isOver, isRequestKept }: Preparing,
): Promise<PreparedExchange> {
  const { id, attempt, body, requestHeaders, status, headMs, firstByteMs } = exchange
  const most = status !== null && status >= 400 ? DOSSIER.errorBytes : DOSSIER.answerBytes
  const credentials = credentialsIn(requestHeaders)
  const answer = maskCredentials(Buffer.concat(exchange.chunks), credentials).subarray(0, most)
  const requestBytes = Buffer.byteLength(body ?? '')
  const cut =
    body !== null && !isRequestKept && requestBytes <= DOSSIER.requestBytes && isStorable(body)
      ? cutRequest(body)
      : null
  return {
    cut,
    exchange: {
      ...attempt,
      id,
      worker,
      method: exchange.method,
      url: keptUrl(exchange.url),
      requestHeaders: keptRequestHeaders(requestHeaders, credentials),
      requestBytes,
      request: cut?.rope ?? null,
      status,
      answerHeaders: keptAnswerHeaders(exchange.answerHeaders, credentials),
      answer: answer.length > 0 ? await compress(answer) : null,
      answerKeptBytes: answer.length,
      answerBytes: exchange.answerBytes,
      isWhole: exchange.isWhole,
      beganAt: new Date(exchange.beganAtMs).toISOString(),
      headMs,
      firstByteMs,
      tookMs: isOver ? exchange.endMs : null,
    },
  }
}

const inAnotherThread = promisify(gzip)

async function compress(answer: Buffer): Promise<Buffer> {
  const options = { level: DOSSIER.gzipLevel }
  return answer.length <= DOSSIER.gzipAtOnceBytes
    ? gzipSync(answer, options)
    : inAnotherThread(answer, options)
}

/** `JSON.stringify` writes neither of the two that Postgres cannot store, and that would come back as another text. */
function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}
