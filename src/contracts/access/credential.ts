/** An API key, or a token by its issuer and its `jti` (its subject, where it has none). */
export type LastingCredential =
  | { readonly type: 'key'; readonly id: string }
  | { readonly type: 'token'; readonly issuer: string; readonly id: string }

/** What has made a key, with the principal that it stands for. */
export type RecordedMaker = LastingCredential & { readonly principal: string }

/** What let a request in. A browser token is short-lived, for one run or thread, and names the credential that has made it. */
export type Credential =
  | LastingCredential
  | { readonly type: 'browser_token'; readonly id: string; readonly maker: LastingCredential }

/** A credential as the record names it, with the principal that it stands for, which may have acted for somebody else. */
export type RecordedCredential = Credential & { readonly principal: string }
