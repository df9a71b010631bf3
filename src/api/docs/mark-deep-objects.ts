interface Parameter {
  readonly in?: string
  readonly schema?: { readonly type?: unknown }
}
type Document = { readonly paths?: Record<string, Record<string, { readonly parameters?: Parameter[] }>> }

/** Marks objects in queries as `deepObject`, which `parseQuery` reads; the generator leaves OpenAPI's other default. Changes the document. */
export function markDeepObjects<D extends object>(document: D): D {
  for (const methods of Object.values((document as Document).paths ?? {})) {
    for (const { parameters = [] } of Object.values(methods)) {
      for (const parameter of parameters) {
        const isObject = parameter.in === 'query' && parameter.schema?.type === 'object'
        if (isObject) Object.assign(parameter, { style: 'deepObject', explode: true })
      }
    }
  }
  return document
}
