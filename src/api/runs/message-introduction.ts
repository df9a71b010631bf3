import { REQUEST_LIMITS } from '../../policies/api.ts'

/**
 * The line that a model reads above a message of anybody but the run's principal. A model may take what it reads for instructions, so
 * characters that do not belong in a name are left out of the author's.
 */
export function introductionOf(author: string): string {
  const name = author.replace(/[^\w.@+-]/g, '').slice(0, REQUEST_LIMITS.introducedNameCharacters)
  return `Message from ${name === '' ? 'somebody' : name}, who is not the person you are helping:`
}
