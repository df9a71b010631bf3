import type { PlannedRoute } from './routing.ts'

/** The chains of an agent: its own, and those of its routes. */
export interface Chains<M> extends PlannedRoute<M> {
  readonly routes?: readonly PlannedRoute<M>[]
}

/** The hops of one chain: from the number of its first hop up to, and without, `end`. */
export interface HopRange {
  readonly first: number
  readonly end: number
}

/** All models of an agent, by the number of their hop. */
export function hopsOf<M>(chains: Chains<M>): readonly M[] {
  return inOrder(chains).flat()
}

/**
 * The hops of the chain that a route stands for.
 *
 * @param route null for the agent's own chain
 */
export function usualHops(chains: Chains<unknown>, route: number | null): HopRange {
  return rangeAt(chains, route === null ? 0 : 1 + route)
}

/** The hops of its cheaper chain: the route's, or else the agent's; null where there is none. */
export function cheaperHops(chains: Chains<unknown>, route: number | null): HopRange | null {
  const { routes = [], cheaperChain } = chains
  const usual = 1 + routes.length
  if (route !== null && routes[route]?.cheaperChain !== undefined) return rangeAt(chains, usual + 1 + route)
  return cheaperChain === undefined ? null : rangeAt(chains, usual)
}

/** The hops of the chain that this hop is of. */
export function hopsAround(chains: Chains<unknown>, hop: number): HopRange {
  const ranges = inOrder(chains).map((_, place) => rangeAt(chains, place))
  const range = ranges.find(({ first, end }) => first <= hop && hop < end)
  if (range === undefined) throw new Error(`No hop ${hop} in chains of ${hopsOf(chains).length}`)
  return range
}

/**
 * The chains in the order in which their hops are numbered. A step only goes on to hops of higher numbers, as when it changes to a cheaper
 * chain: the store takes a late answer of a lower hop for one that counts no more.
 */
function inOrder<M>({ chain, cheaperChain = [], routes = [] }: Chains<M>): readonly (readonly M[])[] {
  return [
    chain,
    ...routes.map((route) => route.chain),
    cheaperChain,
    ...routes.map((route) => route.cheaperChain ?? []),
  ]
}

function rangeAt(chains: Chains<unknown>, place: number): HopRange {
  const lengths = inOrder(chains).map(({ length }) => length)
  const first = lengths.slice(0, place).reduce((sum, length) => sum + length, 0)
  return { first, end: first + (lengths[place] ?? 0) }
}
