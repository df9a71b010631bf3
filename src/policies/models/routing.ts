/** The call of a classifier, which is one short request without a second try. Where it fails, the agent's own models are asked. */
export const CLASSIFIER = {
  /** Of a model whose row says nothing. A label has a few tokens; models that think first need more. */
  maxOutputTokens: 512,
  /** The beginning of what was written last that the classifier is shown, in characters. */
  inputCharacters: 4_000,
  /** From the request to the end of the answer, in milliseconds: the run waits for it before its first model call. */
  answerMs: 15_000,
} as const
