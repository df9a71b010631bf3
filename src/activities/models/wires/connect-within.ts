/** The options of undici's agents that are used here. Times are milliseconds; 0 is no limit. */
interface AgentOptions {
  readonly connect: { readonly timeout: number }
  readonly headersTimeout: number
  readonly bodyTimeout: number
}

type Dispatcher = NonNullable<RequestInit['dispatcher']>
type AgentClass = new (options: AgentOptions) => Dispatcher

/** Where undici keeps its default dispatcher, in Node as in the package. */
const DEFAULT_DISPATCHER = Symbol.for('undici.globalDispatcher.1')

/**
 * A dispatcher for Node's `fetch` that gives a connection up which is not made in time, TLS included. It sets no other timeout: `fetch`
 * would give an answer up after 5 minutes without a byte, whatever our own clocks say.
 *
 * Node exports no class of its dispatchers, and refuses those of the npm package where that is of another version. The default dispatcher
 * is of Node's own class; with `NODE_USE_ENV_PROXY` it is one that goes through the proxy.
 */
export function connectWithin(timeoutMs: number): Dispatcher {
  // Node makes the default dispatcher when its fetch is used for the first time.
  new Headers()
  const usual = (globalThis as unknown as Record<symbol, Dispatcher | undefined>)[DEFAULT_DISPATCHER]
  if (usual === undefined) {
    throw new Error("Node's fetch has no default dispatcher, so that no connect timeout can be set.")
  }
  const Agent = usual.constructor as unknown as AgentClass
  return new Agent({ connect: { timeout: timeoutMs }, headersTimeout: 0, bodyTimeout: 0 })
}
