import { defineApp } from 'holdfast'
import { assistant } from './agents/assistant.ts'
import { billing } from './agents/billing.ts'
import { research } from './agents/research.ts'
import { returns } from './agents/returns.ts'
import { support } from './agents/support.ts'
import { technical } from './agents/technical.ts'
import { seedShop } from './data/seed-shop.ts'
import { EXAMPLE } from './example.ts'

/** The demonstration shop: a support desk with specialists, a researcher, and an assistant without tools. */
export default defineApp({
  name: 'shop',
  agents: [assistant, research, support, billing, returns, technical],
  prompts: new URL('./prompts/', import.meta.url),
  migrations: new URL('./migrations/', import.meta.url),
  local: {
    seed: seedShop,
    script: new URL('./script/index.ts', import.meta.url),
    example: EXAMPLE,
  },
})
