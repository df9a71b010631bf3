/** Nodes from which arrows lead back to themselves, sorted. */
export function circles(arrows: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const reached = (start: string): Set<string> => {
    const seen = new Set<string>()
    const next = [...(arrows.get(start) ?? [])]
    for (let node = next.pop(); node !== undefined; node = next.pop()) {
      if (seen.has(node)) continue
      seen.add(node)
      next.push(...(arrows.get(node) ?? []))
    }
    return seen
  }
  return [...arrows.keys()].filter((node) => reached(node).has(node)).sort()
}
