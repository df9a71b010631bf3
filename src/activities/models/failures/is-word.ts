/** Whether what a provider calls something is a word, and so no text that it quotes. */
export function isWord(name: string): boolean {
  return /^[\w.:-]{1,64}$/.test(name)
}
