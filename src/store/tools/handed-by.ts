/**
 * The tool of the last handoff before a step, in SQL: whom it has handed the run to has made the step's calls. null before the first
 * handoff. Takes `:run_id`.
 *
 * @param step SQL of the step
 */
export function handedBefore(step: string): string {
  return `(
    select handoff.tool from tool_calls as handoff
    where handoff.run_id = :run_id and handoff.step < ${step} and handoff.status = 'handed_off'
    order by handoff.step desc, handoff.index desc
    limit 1
  )`
}

/** The same for `:step`. */
export const HANDED_BY = handedBefore(':step::integer')

/** What {@link HANDED_BY} has found. */
export interface HandedBy {
  readonly handedBy: string | null
}
