/** `provider/model` in its two parts; null where it is no such name. What stands after the first slash is the model's. */
export function readModelName(name: unknown): { readonly provider: string; readonly model: string } | null {
  const [, provider, model] =
    /^([^/]+)\/([\x21-\x7e]{1,128})$/.exec(typeof name === 'string' ? name : '') ?? []
  return provider === undefined || model === undefined ? null : { provider, model }
}
