import { analyst, support } from './agents.ts'
import { defineApp } from './tools.ts'

/** The application of the incidents. */
export default defineApp({ name: 'desk', agents: [support, analyst] })
