/** Bounds of files that callers send. */
export const FILES = {
  /** Anthropic refuses an image whose base64 is above 5 MiB, which is this many bytes. */
  imageBytes: 3_932_160,
  /** In base64 it fits the 32 MB that Anthropic takes as a whole request. */
  pdfBytes: 16_777_216,
  /** Anthropic refuses an image with a longer side. A picture of few bytes can be of any size once it is decoded. */
  imageSide: 8_000,
  /** Width times height. */
  imagePixels: 50_000_000,
  pdfPages: 100,
  /** Streams of one PDF that have objects in them. PDFs have one for some hundred objects. */
  pdfObjectStreams: 2_000,
  /** What streams of one PDF that have objects in them may come to, decompressed, while its pages are counted. */
  pdfObjectBytes: 33_554_432,
  nameCharacters: 200,
  /** Content of one tenant, equal content counted once. */
  tenantBytes: 5_368_709_120,
  /** Files of one input, or of one message to a run. */
  ofInput: 20,
  /** A file that no message refers to is dropped after this time. */
  keptUnusedMs: 604_800_000,
  dropEveryMs: 3_600_000,
  /** Files that are dropped with one statement. */
  mostDropped: 100,
} as const
