import type { ProviderResource } from './provider.schema.ts'

/** A provider as tenants are told of it: without the processes of the installation, what all tenants have them do, and its operators. */
export function forTenants({ workers, models, ...provider }: ProviderResource): ProviderResource {
  return {
    ...provider,
    models: models.map(({ breaker: { reports, forced, ...breaker }, ...model }) => ({
      ...model,
      breaker: { ...breaker, forced: forced && { ...forced, by: null } },
    })),
  }
}
