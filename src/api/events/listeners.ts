/** Listeners, grouped by the key that they listen to. */
export interface Listeners<T> {
  /** Returns the function that removes the listener. */
  add(key: string, listener: T): () => void
  of(key: string): Iterable<T>
  has(key: string): boolean
  all(): Iterable<T>
  isEmpty(): boolean
}

export function createListeners<T>(): Listeners<T> {
  const groups = new Map<string, Set<T>>()
  return {
    add(key, listener) {
      const group = groups.get(key) ?? new Set()
      groups.set(key, group.add(listener))
      return () => {
        group.delete(listener)
        if (group.size === 0 && groups.get(key) === group) groups.delete(key)
      }
    },
    of: (key) => groups.get(key) ?? [],
    has: (key) => groups.has(key),
    all: () => [...groups.values()].flatMap((group) => [...group]),
    isEmpty: () => groups.size === 0,
  }
}
