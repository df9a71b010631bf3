import type { FastifySchemaCompiler } from 'fastify'
import type { z } from 'zod'
import { describeIssue } from '../../../contracts/describe-issue.ts'
import { HTTP } from '../../../policies/api.ts'
import { Problem } from '../problems/problem.ts'

const PARTS = { body: 'body', querystring: 'query', params: 'path', headers: 'headers' } as const

/** Checks one part of a request against its schema. Nothing is coerced; each mistake is an entry of the problem, with a pointer. */
export const validatorCompiler: FastifySchemaCompiler<z.ZodType> = ({ schema, httpPart }) => {
  const part = PARTS[(httpPart ?? 'body') as keyof typeof PARTS]
  return (data: unknown) => {
    // Fastify gives null for a body that was not sent.
    const result = schema.safeParse(data === null && part === 'body' ? undefined : data, {
      reportInput: true,
    })
    if (result.success) return { value: result.data }
    // A problem lists no more, and there may be tens of thousands.
    const issues = result.error.issues.slice(0, HTTP.problemErrors)
    const errors = issues.flatMap((issue) => describeIssue(issue))
    // An id of a wrong form cannot be the id of anything.
    if (part === 'path') return { error: new Problem('not_found') }
    return { error: new Problem('invalid_request', { detail: `The ${part} is not valid.`, errors }) }
  }
}
