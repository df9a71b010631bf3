import type { App, Outside } from '../../app/app.ts'

/** An application that may be replaced by a later state of itself while others hold it. */
export interface LiveApp {
  readonly app: App
  readonly outside: Outside
  replace(app: App, outside: Outside): void
}

/** Each look at `app` and `outside` sees the state of then: the API keeps its connections while files change. */
export function createLiveApp(firstApp: App, firstOutside: Outside): LiveApp {
  let app = firstApp
  let outside = firstOutside
  return {
    app: seeThrough(() => app),
    outside: seeThrough(() => outside),
    replace(nextApp, nextOutside) {
      app = nextApp
      outside = nextOutside
    },
  }
}

/** Over an object of its own: a frozen one would have to keep its first members. */
function seeThrough<T extends object>(current: () => T): T {
  return new Proxy({} as T, {
    get: (_, name) => Reflect.get(current(), name),
    has: (_, name) => Reflect.has(current(), name),
  })
}
