import type { FileKind } from '../../contracts/files/file.ts'
import type { PlannedModel } from '../../contracts/models/model.ts'
import { BUILT_IN_PROVIDERS } from './providers.ts'

/**
 * What the models of the product's own providers can be given, unless their row says otherwise. A server of the application's own is
 * given text alone until its rows say what its models accept.
 */
const ACCEPTED_FILES: readonly FileKind[] = ['image', 'pdf']

/** Models of these providers that read text alone, by how their names begin. */
const TEXT_ONLY_MODELS: Readonly<Record<string, readonly string[]>> = {
  openai: ['gpt-3.5', 'gpt-4-', 'gpt-oss', 'o1-mini', 'o1-preview', 'o3-mini', 'davinci', 'babbage'],
  anthropic: ['claude-2', 'claude-instant'],
}

/**
 * The most tokens that a file is counted as. Providers have rules of their own; the dearest of them counts, so that a budget holds whichever
 * model of the chain is asked.
 */
export const FILE_TOKENS = {
  /** Anthropic: width × height / 750, of a picture that it has made smaller to at most so many tokens. */
  anthropic: { pixelsAToken: 750, most: 4_784 },
  /** OpenAI by tiles: a picture that fits 2,048 × 2,048 and whose shorter side is then at most 768, in tiles of 512 × 512. */
  tiles: { box: 2_048, shortSide: 768, side: 512, base: 85, each: 170 },
  /** OpenAI by patches of 32 × 32, at most so many, with the highest factor of a model that counts so. */
  patches: { side: 32, most: 1_536, factor: 2.46 },
  /** A page is its text, of which this is a dense one, and a picture of it. */
  pdfPage: { text: 3_000, picture: 1_600 },
} as const

/** Models that count files as more than that, by how their names begin: the price of their tokens is as much lower. */
const FILE_TOKEN_FACTORS: Readonly<Record<string, number>> = { 'gpt-4o-mini': 34 }

/** Files in one request to a model. */
export const REQUEST_FILES = {
  /** In base64 they are the 32 MB that Anthropic takes as a whole request. A worker holds them several times over. */
  mostBytes: 24_000_000,
} as const

/** Images in the results of tools. */
export const RESULT_IMAGES = {
  /** Of one result. Each costs the run at every further step. */
  most: 5,
  words: (n: number) => `[image ${n}]`,
  notTaken: '[an image that cannot be shown]',
  tooMany: '[an image too many]',
} as const

/** The kinds of files that a model can be given. */
export function acceptedFiles({ provider, model, accepts }: PlannedModel): readonly FileKind[] {
  if (accepts !== undefined) return accepts
  if (!Object.hasOwn(BUILT_IN_PROVIDERS, provider)) return []
  const isTextOnly = (TEXT_ONLY_MODELS[provider] ?? []).some((beginning) => model.startsWith(beginning))
  return isTextOnly ? [] : ACCEPTED_FILES
}

/** How many tokens the model counts, at most, for each that `FILE_TOKENS` says. */
export function fileTokenFactor({ model }: Pick<PlannedModel, 'model'>): number {
  const [, factor = 1] = Object.entries(FILE_TOKEN_FACTORS).find(([name]) => model.startsWith(name)) ?? []
  return factor
}
