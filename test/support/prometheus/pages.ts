/** Pages of metrics that a Prometheus can scrape. */
export interface Pages {
  readonly api: Page
  readonly worker: Page
  /** What the page of the API asks for as a bearer. */
  readonly key: string
}

export interface Page {
  /** `host:port`; the path is `/metrics`. */
  readonly target: string
}
