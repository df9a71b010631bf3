import type { OpenApiDocument, Operation, Schema } from './openapi-document.ts'

/**
 * The document as one JSON Schema. Its root has a member for each operation, `GET /v1/runs/{id}`, with what a request of it takes (`path`,
 * `query`, `body`) and its `answer` when it succeeds. The components are definitions. A failure is the same problem everywhere, and is left out.
 */
export function operationsSchema({ paths, components }: OpenApiDocument): Schema {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([method]) => method !== 'head')
      .map(([method, operation]) => [`${method.toUpperCase()} ${path}`, schemaOf(operation)] as const),
  )
  return withDefinitions({
    ...objectOf(operations),
    description: 'What each operation of the API takes, and what it answers.',
    $defs: shapes(components.schemas),
  })
}

function schemaOf({ summary, parameters = [], requestBody, responses }: Operation): Schema {
  const group = (place: string) => {
    const some = parameters.filter((parameter) => parameter.in === place)
    const members = some.map(
      ({ name, description, schema }) =>
        [name, { ...shape(schema), ...(description !== undefined && { description }) }] as const,
    )
    return objectOf(
      members,
      some.filter(({ required }) => required).map(({ name }) => name),
    )
  }
  const [path, query] = [group('path'), group('query')]
  const body = requestBody?.content['application/json']?.schema
  const members = [
    ...(isEmpty(path) ? [] : [['path', path] as const]),
    ...(isEmpty(query) ? [] : [['query', query] as const]),
    ...(body === undefined || isEmpty(body) ? [] : [['body', shape(body)] as const]),
    ['answer', answerOf(responses)] as const,
  ]
  const required = members
    .map(([name]) => name)
    .filter((name) =>
      name === 'query'
        ? asList(query['required']).length > 0
        : name !== 'body' || requestBody?.required !== false,
    )
  return { ...objectOf(members, required), ...(summary !== undefined && { description: `${summary}.` }) }
}

/** Of all answers that tell of success. One without a body is null. */
function answerOf(responses: Operation['responses']): Schema {
  const answers = Object.entries(responses)
    .filter(([status]) => status.startsWith('2'))
    .map(([, { content }]) => {
      const [json, text] = [content?.['application/json']?.schema, content?.['text/plain']?.schema]
      return json === undefined ? { type: text === undefined ? 'null' : 'string' } : shape(json)
    })
  const different = [...new Map(answers.map((answer) => [JSON.stringify(answer), answer])).values()]
  return different.length === 1 ? (different[0] ?? {}) : { anyOf: different }
}

/** Without rules that relate members to each other, or narrow a text: types would repeat the whole object for each. */
function shape(schema: Schema): Schema {
  // With anything beside it, a reference would become a type of its own.
  const { $ref } = schema
  if ($ref !== undefined) return { $ref }
  const { anyOf, oneOf, allOf, propertyNames: _, examples: __, ...rest } = schema
  const isObject = schema['type'] === 'object'
  const kept: Schema = {
    ...rest,
    ...(anyOf !== undefined && !isObject && { anyOf: asList(anyOf).map((each) => shape(each)) }),
    ...(oneOf !== undefined && !isObject && { oneOf }),
    ...(allOf !== undefined && schema['type'] === undefined && { allOf }),
  }
  for (const keyword of ['items', 'additionalProperties'] as const) {
    const inner = kept[keyword]
    if (typeof inner === 'object' && inner !== null)
      Object.assign(kept, { [keyword]: shape(inner as Schema) })
  }
  return kept.properties === undefined ? kept : { ...kept, properties: shapes(kept.properties) }
}

function shapes(schemas: Readonly<Record<string, Schema>>): Record<string, Schema> {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, shape(schema)]))
}

function objectOf(members: readonly (readonly [string, Schema])[], required = members.map(([name]) => name)) {
  return { type: 'object', additionalProperties: false, properties: Object.fromEntries(members), required }
}

function isEmpty({ type, properties = {} }: Schema): boolean {
  return type === 'object' && Object.keys(properties).length === 0
}

function asList(value: unknown): Schema[] {
  return Array.isArray(value) ? value : []
}

/** References into the document's components as references to the definitions. */
function withDefinitions(schema: object): Schema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components/schemas/', '"#/$defs/')) as Schema
}
