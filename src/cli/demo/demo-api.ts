import { createClient, type HoldfastClient } from '../../client/index.ts'

/** The API that a demonstration is played against. */
export interface DemoApi {
  readonly url: string
  /** null where the API asks nobody for a key. */
  readonly key: string | null
  /** The local stack, whose admin key may make further keys; `--url` is another API, with other people's keys. */
  readonly isLocalStack: boolean
}

export function clientOf({ url, key }: Pick<DemoApi, 'url' | 'key'>): HoldfastClient {
  return createClient({ url, key: key ?? undefined })
}
