import { ERROR_CODES, type ErrorCode } from '../../contracts/error-codes.ts'
import type { Api } from '../context.ts'
import { titleOf } from '../http/problems/problem.ts'
import { staticDocument } from '../http/static-document.ts'

/** The page that a problem's `type` links to: each code that can answer a request has an anchor. */
export function addErrors(api: Api): void {
  const config = { produces: ['text/html'], access: 'public' } as const
  api.get('/errors', { schema: { hide: true }, config }, staticDocument('text/html; charset=utf-8', page))
}

const codes = (Object.keys(ERROR_CODES) as ErrorCode[]).filter((code) => ERROR_CODES[code].http !== 0)

function page(): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Errors of Holdfast's API</title></head>
<body><main><h1>Errors</h1>
${codes.map(sectionOf).join('\n')}
</main></body>
</html>
`
}

function sectionOf(code: ErrorCode): string {
  const { http, text, retryable } = ERROR_CODES[code]
  const advice = retryable ? 'The same request may succeed later.' : 'The same request will fail again.'
  return `<h2 id="${code}">${titleOf(code)}</h2><p><code>${code}</code>, status ${http}. ${text} ${advice}</p>`
}
