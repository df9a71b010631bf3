import { APP_TIMING } from '../../policies/app-timing.ts'
import type { Outside } from '../app.ts'
import { appTrace } from '../app-trace.ts'
import type { Setup } from '../define/setup-definition.ts'
import { within } from '../within.ts'
import { ServicesNotMade } from './services-not-made.ts'

/**
 * Makes an application's services. Disposing of what is returned disposes of them, once.
 *
 * @throws ServicesNotMade
 */
export async function openServices(
  env: unknown,
  make: Setup['services'],
  withinMs: number = APP_TIMING.servicesMs,
): Promise<Outside & AsyncDisposable> {
  const services = make === null ? {} : await made(env, make, withinMs)
  const stack = new AsyncDisposableStack()
  for (const service of disposables(services)) stack.use(service)
  return { env, services, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

async function made(env: unknown, make: NonNullable<Setup['services']>, withinMs: number): Promise<unknown> {
  try {
    // `env` is what the schema of the same setup made.
    return await within(
      withinMs,
      () => make({ env: env as never }),
      `They were not there within ${withinMs / 1000} s.`,
    )
  } catch (cause) {
    const why = appTrace(cause).replaceAll('\n', '\n  ')
    throw new ServicesNotMade(`The application's services could not be made:\n  ${why}`, { cause })
  }
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
