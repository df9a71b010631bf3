import type { FastifyContextConfig, FastifyInstance } from 'fastify'

interface KnownRoute {
  /** As it is registered, such as `/v1/runs/:id`. */
  readonly url: string
  readonly config: FastifyContextConfig
}

/** The server's routes, for those who have to know one without the framework. */
export interface RouteTable {
  find(method: string, path: string): KnownRoute | null
  /** The methods that a path takes. */
  methodsOf(path: string): ReadonlySet<string>
  /** Adds the routes that a server is given from now on. */
  follow(server: FastifyInstance): void
}

export function createRouteTable(): RouteTable {
  /** Paths without parameters, which go before patterns. */
  const fixed = new Map<string, KnownRoute>()
  const patterns: { readonly method: string; readonly path: RegExp; readonly route: KnownRoute }[] = []

  return {
    follow(server) {
      server.addHook('onRoute', ({ method, url, config = {} }) => {
        const pattern = url.replace(/[.+]/g, '\\$&').replace(/:\w+/g, '[^/]+').replace('*', '.*')
        const route = { url, config }
        for (const one of [method].flat()) {
          if (!/[:*]/.test(url)) fixed.set(`${one} ${url}`, route)
          patterns.push({ method: one, path: new RegExp(`^${pattern}$`), route })
        }
      })
    },
    find(method, path) {
      const known = fixed.get(`${method} ${path}`)
      if (known !== undefined) return known
      return patterns.find((one) => one.method === method && one.path.test(path))?.route ?? null
    },
    methodsOf(path) {
      return new Set(patterns.filter((one) => one.path.test(path)).map(({ method }) => method))
    },
  }
}
