export interface LruMap<K, V> {
  get(key: K): V | undefined
  set(key: K, value: V): void
}

/** A map that keeps the entries used last, at most `most` of them. */
export function createLruMap<K, V>(most: number): LruMap<K, V> {
  const kept = new Map<K, V>()

  function set(key: K, value: V): void {
    // A map has its keys in the order of insertion, so the first is the one that was used least recently.
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
