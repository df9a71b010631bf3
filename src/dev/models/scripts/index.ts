import type { Script } from '../script.ts'
import { plainScript } from './plain.ts'
import { supportScript } from './support.ts'

/** The models of a local stack without keys. An agent is known by its tools, since a provider is not told its name. */
export const SCRIPT: Script = (request) =>
  request.tools.includes('issue_refund') ? supportScript(request) : plainScript(request)
