import { BUCKETS } from '../../policies/models/provider-limits.ts'
import { forgetApiBuckets } from '../../store/traffic/api-buckets.ts'
import { forgetFullBuckets } from '../../store/traffic/list-buckets.ts'
import type { ApiContext } from '../context.ts'

/** A job that removes the rows of limits that nobody has used for long, such as those of tenants that are gone. */
export function forgetFullBucketsJob({ database }: Pick<ApiContext, 'database'>): () => Promise<void> {
  return async () => {
    await forgetFullBuckets(database)
    await forgetApiBuckets(database, BUCKETS.keptForMs)
  }
}
