/** Whose turn a waiting call takes. */
export interface Claimant {
  readonly tenant: string
  readonly agent: string
}

/** Calls that wait. Tenants take turns, and the agents of a tenant take turns in its turns; calls of one agent keep their order. */
export interface FairQueue<T> {
  readonly size: number
  /** Tenants with calls that wait. */
  readonly tenants: number
  add(claimant: Claimant, call: T): void
  /** Takes out the call whose turn it is; undefined where none waits. */
  next(): T | undefined
  /** Takes out the newest call of the agent with the most calls, of the tenant with the most calls. */
  dropNewest(): T | undefined
  remove(claimant: Claimant, call: T): void
}

/** Agents with their calls, in the order of their turns. */
type Line<T> = Map<string, T[]>

export function createFairQueue<T>(): FairQueue<T> {
  // Maps keep the order of insertion: who had a turn is taken out and put in again at the end.
  const lines = new Map<string, Line<T>>()
  let size = 0

  function take({ tenant, agent }: Claimant, pick: (calls: T[]) => T | undefined): T | undefined {
    const line = lines.get(tenant)
    const calls = line?.get(agent)
    if (line === undefined || calls === undefined) return undefined
    const before = calls.length
    const call = pick(calls)
    size -= before - calls.length
    if (calls.length === 0) line.delete(agent)
    if (line.size === 0) lines.delete(tenant)
    return call
  }

  return {
    get size() {
      return size
    },
    get tenants() {
      return lines.size
    },
    add({ tenant, agent }, call) {
      const line: Line<T> = lines.get(tenant) ?? new Map()
      lines.set(tenant, line)
      const calls = line.get(agent) ?? []
      line.set(agent, calls)
      calls.push(call)
      size += 1
    },
    next() {
      const [tenant, line] = first(lines)
      const [agent, calls] = first(line)
      if (tenant === undefined || line === undefined || agent === undefined || calls === undefined)
        return undefined
      moveToEnd(lines, tenant, line)
      moveToEnd(line, agent, calls)
      return take({ tenant, agent }, (waiting) => waiting.shift())
    },
    dropNewest() {
      const [tenant, line] = longest(lines, countOf)
      const [agent] = longest(line ?? new Map<string, T[]>(), ({ length }) => length)
      if (tenant === undefined || agent === undefined) return undefined
      return take({ tenant, agent }, (waiting) => waiting.pop())
    },
    remove(claimant, call) {
      take(claimant, (waiting) => {
        const at = waiting.indexOf(call)
        return at === -1 ? undefined : waiting.splice(at, 1)[0]
      })
    },
  }
}

function first<V>(map: ReadonlyMap<string, V> | undefined): readonly [string?, V?] {
  return map?.entries().next().value ?? []
}

function moveToEnd<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key)
  map.set(key, value)
}

function longest<V>(map: ReadonlyMap<string, V>, lengthOf: (value: V) => number): readonly [string?, V?] {
  let found: readonly [string?, V?] = []
  let most = 0
  for (const [key, value] of map) {
    const length = lengthOf(value)
    if (length < most) continue
    found = [key, value]
    most = length
  }
  return found
}

function countOf<T>(line: Line<T>): number {
  return [...line.values()].reduce((sum, { length }) => sum + length, 0)
}
