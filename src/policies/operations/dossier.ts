/** What is kept of a run's requests and answers, and how much of it one answer of the API shows. */
export const DOSSIER = {
  /** A larger request is kept without its body. */
  requestBytes: 33_554_432,
  /** The beginning of an answer's body that is kept. */
  answerBytes: 2_097_152,
  /** The same of an answer whose status is an error's. */
  errorBytes: 16_384,
  /** A header's value is cut at this length. */
  headerCharacters: 256,
  /** Exchanges that wait to be written hold at most this much; further ones are dropped with a line in the log. */
  waitingBytes: 67_108_864,
  /**
   * An exchange that is still under way after this is written without its answer, so that the request is there should the worker die.
   * Milliseconds. Each one costs a statement more.
   */
  underWayAfterMs: 1_000,
  /** Wait before what the store could not take is written again, while it is away. Milliseconds. */
  againAfterMs: 1_000,
  /** Exchanges that are written in one statement, where so many wait. */
  batch: 32,
  /** Parts that a worker remembers as stored, and does not send again. */
  knownParts: 50_000,
  /** Answers up to this size are compressed at once: handing a small one to another thread costs four times the processor. */
  gzipAtOnceBytes: 65_536,
  /** zlib's level: 1 takes a quarter of the time of 6, and its result is a sixth larger. */
  gzipLevel: 1,
  /** A text shorter than this stands in its request itself. */
  leastPartCharacters: 120,
  /** A string within a message that is as long as this is a part of its own: a message is repeated with another mark on it. */
  stringPartCharacters: 1_024,
  /** Neighbours in a conversation that become one part, so that a request names few of them. */
  fanOut: 16,
  /**
   * Bodies of requests and answers in one answer of the API; those beyond it are left out, with their size. The first exchange may be larger,
   * since it could not be read otherwise. Each megabyte holds up the API's event loop for about 6 ms.
   */
  shownBodyBytes: 4_194_304,
  firstBodyBytes: 16_777_216,
  /** A page ends with the step at which what tools were given and have given comes to this. */
  pageBytes: 2_097_152,
  /** The beginning of what people have said, and of what providers say in place of answers; and how many of each a page has. */
  excerptCharacters: 400,
  pageExcerpts: 200,
  /** A story says so where nothing happened for this long. Milliseconds. */
  silenceMs: 60_000,
  /** Steps of a page. */
  pageSteps: { default: 50, most: 100 },
  /** How deep sub-agents' dossiers may be nested. */
  mostDepth: 3,
} as const
