interface Operation {
  readonly operationId?: string
  readonly requestBody?: object
}
type Document = { readonly paths?: Record<string, Record<string, Operation>> }

/** The generator calls every body required; these operations do without one. Changes the document. */
export function markOptionalBodies<D extends object>(document: D, operationIds: ReadonlySet<string>): D {
  for (const methods of Object.values((document as Document).paths ?? {})) {
    for (const { operationId = '', requestBody } of Object.values(methods)) {
      if (requestBody && operationIds.has(operationId)) Object.assign(requestBody, { required: false })
    }
  }
  return document
}
