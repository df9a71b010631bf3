/** One finding: `warn` holds nothing up by itself, `fail` does. `advice` says what to do about it. */
export interface Check {
  readonly check: 'node' | 'configuration' | 'store' | 'tenants' | 'temporal' | 'workers' | 'api' | 'key'
  readonly state: 'ok' | 'warn' | 'fail'
  readonly found: string
  readonly advice?: string
}

type Name = Check['check']

export const ok = (check: Name, found: string): Check => ({ check, state: 'ok', found })
export const warn = (check: Name, found: string, advice: string): Check => ({
  check,
  state: 'warn',
  found,
  advice,
})
export const fail = (check: Name, found: string, advice: string): Check => ({
  check,
  state: 'fail',
  found,
  advice,
})
