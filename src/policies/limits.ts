/** Sizes at which something is kept out of history or refused, in bytes or characters as the name says. */
export const SIZES = {
  /** Beginnings that stand in history: of a run's answer, and of what comes in every step (words beside tool calls, results). */
  answerPreviewCharacters: 512,
  stepPreviewCharacters: 160,
  /** Arguments of one tool call that still stand in history, as canonical JSON. */
  inlineArgumentsBytes: 2_048,
  /** Arguments of one call that a model may send at all, and how deep they may be nested. */
  maxArgumentsBytes: 65_536,
  maxArgumentsDepth: 64,
  /** The beginning of arguments that can't be used, as the model is shown it. */
  receivedExcerptCharacters: 200,
  /** The same of a whole message to a run, around the arguments that it may hold. */
  maxMessageDepth: 70,
  /** A tool result as the model sees it. */
  maxToolResultBytes: 65_536,
  /** Tool calls of one step; a model that asks for more is told so for the rest. */
  maxToolCallsPerStep: 16,
  /** Tool calls of one answer that are looked at; those after them are left out, and nobody is told. */
  maxToolCallsPerAnswer: 32,
  /** Names and ids that a provider gives: of a tool, of the model that served, of a request. */
  maxNameCharacters: 128,
  /** A provider's answer as it comes over the wire, and its text. More is no answer. */
  maxStreamBytes: 33_554_432,
  maxAnswerCharacters: 2_000_000,
  /** The body of a provider's error, as far as it is read. */
  maxErrorBytes: 65_536,
  /** A provider's own items; with more the message is sent back in our words alone, without its reasoning. */
  maxWireItemsCharacters: 4_000_000,
  maxWireItemsDepth: 128,
  /** What a provider says of a failure, as the log has it. */
  loggedExcerptCharacters: 500,
} as const
