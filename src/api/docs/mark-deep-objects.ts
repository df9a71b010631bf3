interface Parameter {
  readonly in?: string
  readonly schema?: { readonly type?: unknown }
}
type Document = { readonly paths?: Record<string, Record<string, { readonly parameters?: Parameter[] }>> }

/** Says how an object stands in a query, as `parseQuery` reads it: the generator leaves that out, and the default is another way. Changes the document. */
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
