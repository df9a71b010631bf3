import { FILE_TOKENS } from '../../policies/models/files.ts'

/** How large a file is to a model: pixels of an image, or pages of a PDF. */
export type FileExtent = { readonly width: number; readonly height: number } | { readonly pages: number }

/** The most tokens that a model counts for the file. */
export function fileTokens(extent: FileExtent): number {
  const { pdfPage } = FILE_TOKENS
  if ('pages' in extent) return extent.pages * (pdfPage.text + pdfPage.picture)
  return Math.max(byPixels(extent), byTiles(extent), byPatches(extent))
}

type Size = Extract<FileExtent, { width: number }>

function byPixels({ width, height }: Size): number {
  const { pixelsAToken, most } = FILE_TOKENS.anthropic
  return Math.min(Math.ceil((width * height) / pixelsAToken), most)
}

function byTiles({ width, height }: Size): number {
  const { box, shortSide, side, base, each } = FILE_TOKENS.tiles
  const fit = Math.min(1, box / Math.max(width, height))
  const scale = Math.min(fit, shortSide / Math.min(width, height))
  return base + each * Math.ceil((width * scale) / side) * Math.ceil((height * scale) / side)
}

function byPatches({ width, height }: Size): number {
  const { side, most, factor } = FILE_TOKENS.patches
  return Math.ceil(Math.min(Math.ceil(width / side) * Math.ceil(height / side), most) * factor)
}
