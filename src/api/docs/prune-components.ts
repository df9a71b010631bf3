type Document = Record<string, unknown> & { components?: { schemas?: Record<string, unknown> } }

/** Removes unused schemas: the generator makes each in two forms, one for requests and one for answers. */
export function pruneComponents<D extends object>(document: D): D {
  const { components, ...rest } = document as Document
  const schemas = components?.schemas ?? {}
  const used = new Set<string>()
  const visit = (value: unknown): void => {
    if (value === null || typeof value !== 'object') return
    for (const [key, child] of Object.entries(value)) {
      const name = key === '$ref' && typeof child === 'string' ? child.split('/').at(-1) : undefined
      if (name === undefined) visit(child)
      else if (!used.has(name)) {
        used.add(name)
        visit(schemas[name])
      }
    }
  }
  visit(rest)
  const kept = Object.fromEntries(Object.entries(schemas).filter(([name]) => used.has(name)))
  return { ...rest, components: { ...components, schemas: kept } } as unknown as D
}
