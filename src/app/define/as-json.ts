/** What a value is after a trip through JSON: a `Date` is text, and an interface is a plain object. */
export type AsJson<T> = T extends { toJSON(): infer J }
  ? J
  : T extends object
    ? { readonly [K in keyof T]: AsJson<T[K]> }
    : T
