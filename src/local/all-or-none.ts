/** Like `Promise.all`, but waits for all of them before it fails: what started meanwhile can then be stopped. */
export async function allOrNone<T extends readonly unknown[]>(
  parts: readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<T> {
  await Promise.allSettled(parts)
  return Promise.all(parts) as unknown as Promise<T>
}
