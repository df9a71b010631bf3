/** An embeddings server as a process can reach it. Holds a secret: never log it whole. */
export interface EmbeddingsAccess {
  /** Of an OpenAI-compatible server; usually ends in `/v1`. */
  readonly baseUrl: string
  /** null for a server that wants none. */
  readonly apiKey: string | null
  readonly model: string
  /** Put before every text, for models that want one (`query: `); empty for others. */
  readonly prefix: string
}
