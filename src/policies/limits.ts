/** Sizes above which a value is kept out of history, cut or refused; the unit is in the name. */
export const SIZES = {
  /** Beginnings that are kept in history: of a run's answer, and of each step's texts and tool results. */
  answerPreviewCharacters: 512,
  stepPreviewCharacters: 160,
  /** Arguments of one tool call up to this size are in history, as canonical JSON. */
  inlineArgumentsBytes: 2_048,
  /** The largest arguments of one call that a model may send, and their deepest nesting. */
  maxArgumentsBytes: 65_536,
  maxArgumentsDepth: 64,
  /** What a tool looks up of one call, and how deep it may be nested. */
  maxFactsBytes: 65_536,
  maxFactsDepth: 64,
  /** People and groups that a tool may name for one approval, each. */
  maxNamedApprovers: 100,
  /** The beginning of unusable arguments that the model is shown. */
  receivedExcerptCharacters: 200,
  /** The deepest nesting of a message to a run, which may contain a call's arguments. */
  maxMessageDepth: 70,
  /** A tool result as the model sees it. */
  maxToolResultBytes: 65_536,
  /** Tool calls of one step. Further ones get a result that says so. */
  maxToolCallsPerStep: 16,
  /** Tool calls of one answer that are read at all. Further ones are dropped without a result. */
  maxToolCallsPerAnswer: 32,
  /** Names and ids that a provider gives: of a tool, of the model that served, of a request. */
  maxNameCharacters: 128,
  /** A provider's answer in bytes on the wire, and its text. A larger one counts as malformed. */
  maxStreamBytes: 33_554_432,
  maxAnswerCharacters: 2_000_000,
  /** The body of a provider's error, as far as it is read. */
  maxErrorBytes: 65_536,
  /** A provider's own items. With more of them the message is sent back without them, and so without its reasoning. */
  maxWireItemsCharacters: 4_000_000,
  maxWireItemsDepth: 128,
  /** A provider's text of a failure, in the log. */
  loggedExcerptCharacters: 500,
} as const
