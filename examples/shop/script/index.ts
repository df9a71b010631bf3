import type { Script } from 'holdfast/testing'
import { plainScript, WRAP_UP } from 'holdfast/testing'
import { researchScript } from './research.ts'
import { supportScript } from './support.ts'
import { wrapUpScript } from './wrap-up.ts'

/** The models of a local stack without keys. An agent is known by its tools, since a provider is not told its name. */
const SCRIPT: Script = (request) => {
  const { system, tools } = request
  if (system.includes(WRAP_UP)) return wrapUpScript(request)
  if (tools.includes('escalate_to_person')) return supportScript(request)
  if (tools.includes('get_order')) return researchScript(request)
  return plainScript(request)
}

export default SCRIPT
