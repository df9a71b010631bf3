import type { RunReason } from '../contracts/runs/run.ts'

/** The output of a run that ends for this reason before a model has answered. */
export const ENDING_WORDS = {
  max_steps: 'This took as many steps as the run may take, so it ended before there was an answer.',
  budget: 'The budget of this run did not cover the next step, so it ended before there was an answer.',
  deadline: 'The time for this run was up before there was an answer.',
  refusal: "No answer could be given: the content policies of the models' providers stopped it.",
  context_too_long: 'This conversation is too long for the models that may answer it, so there is no answer.',
  request_refused: 'The models that may answer this do not take the request, so there is no answer.',
} as const satisfies { readonly [R in RunReason]?: string }

/** How many effects the output of an ended run lists (the latest), and how much of each call's arguments. */
export const LISTED_EFFECTS = { most: 20, argumentCharacters: 200 } as const
