import type { Outside } from '../app.ts'
import type { Setup } from '../define/setup-definition.ts'

/** Makes an application's services. Disposing of what is returned disposes of them, once. */
export async function openServices(
  env: unknown,
  make: Setup['services'],
): Promise<Outside & AsyncDisposable> {
  // `env` is what the schema of the same setup made.
  const services = make === null ? {} : await make({ env: env as never })
  const stack = new AsyncDisposableStack()
  for (const service of disposables(services)) stack.use(service)
  return { env, services, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

/** The services themselves where they are disposable, otherwise their members that are. */
function disposables(services: unknown): readonly (AsyncDisposable | Disposable)[] {
  if (isDisposable(services)) return [services]
  if (typeof services !== 'object' || services === null) return []
  return Object.values(services).filter(isDisposable)
}

function isDisposable(value: unknown): value is AsyncDisposable | Disposable {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  const { [Symbol.asyncDispose]: later, [Symbol.dispose]: now } = value as Partial<
    AsyncDisposable & Disposable
  >
  return typeof later === 'function' || typeof now === 'function'
}
