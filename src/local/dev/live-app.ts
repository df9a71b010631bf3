import type { App, Outside } from '../../app/app.ts'

/** An application that can be replaced by a later state of itself while other parts hold references to it. */
export interface LiveApp {
  readonly app: App
  readonly outside: Outside
  replace(app: App, outside: Outside): void
}

/** Every access to `app` and `outside` reaches their latest state, so the API need not restart when files change. */
export function createLiveApp(firstApp: App, firstOutside: Outside): LiveApp {
  let app = firstApp
  let outside = firstOutside
  return {
    app: forwardTo(() => app),
    outside: forwardTo(() => outside),
    replace(nextApp, nextOutside) {
      app = nextApp
      outside = nextOutside
    },
  }
}

/** The proxy's target is an empty object: were it the first application, a frozen one, the proxy would have to return its members. */
function forwardTo<T extends object>(current: () => T): T {
  return new Proxy({} as T, {
    get: (_, name) => Reflect.get(current(), name),
    has: (_, name) => Reflect.has(current(), name),
  })
}
