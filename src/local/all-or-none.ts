/** Like `Promise.all`, but fails only once all have settled: the parts that did start are then known, and can be stopped. */
export async function allOrNone<T extends readonly unknown[]>(
  parts: readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<T> {
  await Promise.allSettled(parts)
  return Promise.all(parts) as unknown as Promise<T>
}
