export interface Recent<K, V> {
  get(key: K): V | undefined
  set(key: K, value: V): void
}

/** A map of what was used last, at most so many. */
export function createRecent<K, V>(most: number): Recent<K, V> {
  const kept = new Map<K, V>()

  function set(key: K, value: V): void {
    // A map walks its keys in the order in which they came in.
    kept.delete(key)
    kept.set(key, value)
    for (const oldest of kept.keys()) {
      if (kept.size <= most) return
      kept.delete(oldest)
    }
  }

  return {
    set,
    get(key) {
      const value = kept.get(key)
      if (value !== undefined) set(key, value)
      return value
    },
  }
}
