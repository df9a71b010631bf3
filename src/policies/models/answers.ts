/** The run's messages to its model about an answer that can't be used as it is. */
export const ANSWER_NOTES = {
  cutOff:
    'Your last message was cut off where it reached the limit of its length. Go on exactly where it ended: repeat nothing of it, and write nothing before or about the rest.',
  nothingSaid:
    'Your last message reached the limit of its length before it said anything. Answer again, and come to the answer sooner.',
  callCutOff:
    'Your last message was cut off in the middle of a tool call, where it reached the limit of its length. None of its calls was made. Call again, with shorter arguments or fewer calls at once.',
  outputInvalid:
    'Your last message is not an answer of the form that is required. Write the whole answer again as one JSON document, and nothing else. What does not fit:',
  refused:
    'Your last message declines to answer. Look at the request anew, and answer it unless you must not.',
  notJson: 'It is not one JSON document.',
  tooDeep: 'It is nested too deeply.',
} as const

/** How much of what does not fit a model is told: the first ones, and the beginning of each. */
export const TOLD_MISFITS = { most: 20, pointerCharacters: 200, detailCharacters: 300 } as const

/** Stands before the JSON Schema, in the instructions for a model whose server does not hold its answers to the schema. */
export const OUTPUT_INSTRUCTION =
  'Your final answer is one JSON document that fits this JSON Schema, without a code fence or any other text around it:'
