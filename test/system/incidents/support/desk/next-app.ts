import { analyst, courier, support } from './agents.ts'
import { defineApp } from './tools.ts'

/** Its next release, with an agent and a tool that the workers of this one do not know. */
export default defineApp({ name: 'desk', agents: [support, analyst, courier] })
