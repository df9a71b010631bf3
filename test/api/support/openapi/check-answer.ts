import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { type ApiOperation, DOCUMENT, type Schema } from './operations.ts'

/** An answer as it came. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

const ROOT = 'https://holdfast.example/openapi.json'
const PROBLEM = 'application/problem+json'

/** Those of HTTP itself and of every answer, which no operation declares. */
const HEADERS_OF_HTTP = new Set([
  'connection',
  'content-length',
  'content-type',
  'date',
  'keep-alive',
  'transfer-encoding',
  'vary',
  'x-content-type-options',
  'allow',
])

// A pattern stands beside each date and time; a length in the document counts code points, as the validator does.
const ajv = new Ajv2020({ strict: false, validateSchema: false, formats: { 'date-time': true, date: true } })
ajv.addFormat('uri', (text) => URL.canParse(text))
ajv.addSchema({ $id: ROOT, ...DOCUMENT })

const validators = new Map<Schema, ValidateFunction>()

/** What keeps a value from fitting a schema of the document; null where it fits. */
export function mismatch(schema: Schema, value: unknown): string | null {
  let validate = validators.get(schema)
  if (validate === undefined) {
    // References of the document lead into it.
    const text = JSON.stringify(schema).replaceAll('"$ref":"#/', `"$ref":"${ROOT}#/`)
    validate = ajv.compile(JSON.parse(text) as object)
    validators.set(schema, validate)
  }
  return validate(value) ? null : ajv.errorsText(validate.errors, { dataVar: 'body' })
}

/** How an answer differs from what the document says of the operation. */
export function mistakesOf(operation: ApiOperation, answer: Answer): string[] {
  const declared = operation.answers[answer.status]
  if (declared === undefined) return [`status ${answer.status} is not declared`]
  return [
    ...headerMistakes(declared.headers ?? {}, answer),
    ...bodyMistakes(declared.content, answer),
    ...(mediaTypeOf(answer) === PROBLEM ? problemMistakes(declared.description, answer) : []),
  ]
}

function headerMistakes(declared: Readonly<Record<string, object>>, { headers }: Answer): string[] {
  const undeclared = Object.keys(headers).filter((name) => !HEADERS_OF_HTTP.has(name) && !(name in declared))
  const wrong = Object.keys(declared).flatMap((name) => {
    const text = headers[name]
    if (text === undefined)
      return name === 'x-request-id' || name === 'cache-control' ? [`the header ${name} is missing`] : []
    const schema = DOCUMENT.components.headers[name]?.schema ?? {}
    const problem = mismatch(schema, schema['type'] === 'integer' ? Number(text) : text)
    return problem === null ? [] : [`the header ${name} is ${text}: ${problem}`]
  })
  return [...undeclared.map((name) => `the header ${name} is not declared`), ...wrong]
}

function bodyMistakes(
  content: Readonly<Record<string, { readonly schema?: Schema }>> | undefined,
  answer: Answer,
): string[] {
  if (answer.text === '') return content === undefined ? [] : ['there is no body']
  const type = mediaTypeOf(answer)
  const schema = content?.[type]?.schema
  if (schema === undefined) return [`the content type ${type} is not declared`]
  if (!type.endsWith('json')) return []
  const problem = mismatch(schema, JSON.parse(answer.text))
  return problem === null ? [] : [problem]
}

function problemMistakes(description: string, { status, headers, text }: Answer): string[] {
  const said = JSON.parse(text) as {
    readonly status: number
    readonly code: string
    readonly request_id: string
  }
  return [
    ...(said.status === status ? [] : [`the problem says ${said.status}, and the answer is ${status}`]),
    ...(said.request_id === headers['x-request-id'] ? [] : ['request_id is not the one of the header']),
    ...(description.includes(`\`${said.code}\``)
      ? []
      : [`the code ${said.code} is not declared for ${status}`]),
  ]
}

function mediaTypeOf({ headers }: Answer): string {
  return headers['content-type']?.split(';')[0] ?? ''
}
