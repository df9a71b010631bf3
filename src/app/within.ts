/** Waits so long for work of the application, and rejects with this message where it takes longer. The work itself goes on. */
export async function within<T>(ms: number, work: () => T | PromiseLike<T>, late: string): Promise<T> {
  const { promise: isLate, reject } = Promise.withResolvers<never>()
  const clock = setTimeout(() => reject(new Error(late)), ms)
  try {
    return await Promise.race([(async () => work())(), isLate])
  } finally {
    clearTimeout(clock)
  }
}
