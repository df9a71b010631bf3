export interface Employee {
  readonly email: string
  readonly name: string
  readonly manager: string
}

/** The company's own HTTP service, as the tools call it. */
export function corpClient(url: string, token: string) {
  async function call<T>(path: string, body?: object): Promise<T | null> {
    const response = await fetch(new URL(path, url), {
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    })
    if (response.status === 404) return null
    if (!response.ok) throw new Error(`${path} answered ${response.status}`)
    return (await response.json()) as T
  }

  async function required<T>(path: string, body?: object): Promise<T> {
    const found = await call<T>(path, body)
    if (found === null) throw new Error(`${path} is not there`)
    return found
  }

  return {
    employee: (email: string) => call<Employee>(`/employees/${encodeURIComponent(email)}`),
    runbooks: (words: string) => required<object>(`/runbooks?words=${encodeURIComponent(words)}`),
    managerOf: async (email: string) =>
      (await required<Employee>(`/employees/${encodeURIComponent(email)}`)).manager,
    priceOf: async (sku: string) =>
      (await required<{ eur: number }>(`/articles/${encodeURIComponent(sku)}`)).eur,
    resetPassword: (email: string, key: string, approvedBy: readonly string[]) =>
      required<object>('/password-resets', { email, key, approvedBy }),
    orderLaptop: (email: string, key: string, sku: string, eur: number) =>
      required<object>('/orders', { email, key, sku, eur }),
  }
}
