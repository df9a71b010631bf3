/**
 * How long the product waits for an application's own code, in milliseconds. A promise that never settles would hold up a start, every
 * later restart of `holdfast dev`, or a request.
 */
export const APP_TIMING = {
  /** To import the application's file, with what it awaits at its top level. */
  loadMs: 30_000,
  /** To make its services. */
  servicesMs: 30_000,
  /** To resolve the context of a run that starts: the caller waits for it. */
  contextMs: 10_000,
  /** To close the services of an earlier state, while the worker of the next one runs already. */
  closeMs: 5_000,
} as const
