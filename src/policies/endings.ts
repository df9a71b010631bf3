import type { RunReason } from '../contracts/run.ts'

/** What the caller reads of a run that ends for this reason before any model has given an answer. */
export const ENDING_WORDS = {
  max_steps: 'This took as many steps as the run may take, so it ended before there was an answer.',
  budget: 'The budget of this run did not cover the next step, so it ended before there was an answer.',
  deadline: 'The time for this run was up before there was an answer.',
  refusal: "No answer could be given: the content policies of the models' providers stopped it.",
} as const satisfies { readonly [R in RunReason]?: string }

/** How much of what was done is told: the latest calls, and the beginning of each one's arguments. */
export const TOLD_EFFECTS = { most: 20, argumentCharacters: 200 } as const
