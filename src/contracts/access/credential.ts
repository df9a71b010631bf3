/** What let a request in: an API key, or a token by its issuer and its `jti` (its subject, where it has none). */
export type Credential =
  | { readonly type: 'key'; readonly id: string }
  | { readonly type: 'token'; readonly issuer: string; readonly id: string }

/** A credential as the record names it, with the principal that it stands for, which may have acted for somebody else. */
export type RecordedCredential = Credential & { readonly principal: string }
