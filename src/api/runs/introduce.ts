import { REQUEST_LIMITS } from '../../policies/api.ts'

/**
 * The line under which a model is shown what somebody other than the run's principal says. It stands before text that a model
 * may take for instructions, so a name must not look like more than a name: what names are not made of is left out.
 */
export function introduce(author: string): string {
  const name = author.replace(/[^\w.@+-]/g, '').slice(0, REQUEST_LIMITS.introducedNameCharacters)
  return `Message from ${name === '' ? 'somebody' : name}, who is not the person you are helping:`
}
