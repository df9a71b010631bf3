import { WEBHOOKS } from '../../policies/operations/webhooks.ts'

/** Bounds how many webhooks this worker posts at the same time, so that neither runs nor other hosts wait for a slow one. */
export interface DeliverySlots {
  /** The slot, to be disposed of at the end; null where there is none now. */
  take(tenant: string, host: string): Disposable | null
}

export function createDeliverySlots(atOnce: typeof WEBHOOKS.atOnce = WEBHOOKS.atOnce): DeliverySlots {
  const taken = new Map<string, number>()

  return {
    take(tenant, host) {
      const bounds: readonly (readonly [key: string, most: number])[] = [
        ['', atOnce.worker],
        [tenant, atOnce.tenant],
        [`${tenant} ${host}`, atOnce.host],
      ]
      if (bounds.some(([key, most]) => (taken.get(key) ?? 0) >= most)) return null
      for (const [key] of bounds) add(key, 1)
      return {
        [Symbol.dispose]() {
          for (const [key] of bounds) add(key, -1)
        },
      }
    },
  }

  function add(key: string, more: 1 | -1): void {
    const count = (taken.get(key) ?? 0) + more
    if (count === 0) taken.delete(key)
    else taken.set(key, count)
  }
}
