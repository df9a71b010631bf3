export const TOKEN_COUNT = {
  /**
   * The tokenizer's time grows with the square of a text without spaces, such as Chinese: 120,000 characters in one piece take minutes,
   * in pieces of this size a third of a second. It holds everything else in the process up meanwhile.
   */
  pieceCharacters: 128,
  /** Of a longer text the beginning is counted, and the rest is taken to be like it. */
  mostCharacters: 400_000,
  /** A message's frame on the wire. */
  messageTokens: 6,
} as const
