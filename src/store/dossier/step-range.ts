/** Steps of a run, both ends included. */
export interface StepRange {
  readonly tenant: string
  readonly runId: string
  readonly first: number
  readonly last: number
}
