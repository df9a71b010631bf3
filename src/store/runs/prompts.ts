import { createHash } from 'node:crypto'
import { createRecent, type Recent } from '../../contracts/recent.ts'
import type { Db } from '../database/database.ts'

export interface StoredPrompt {
  readonly hash: string
  readonly name: string
  readonly version: string
  readonly text: string
}

/** What a plan knows a prompt's text by: 132 bits of its SHA-256, base64url. */
export function promptHash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}

/** A prompt that names its run's caller or day is stored once and not seen again: only so many are remembered. */
const MOST_KNOWN = 1_000

/** Hashes that this process knows to be there: a prompt is looked after once, not with every run. */
const kept = new WeakMap<Db, Recent<string, true>>()

/** Keeps the texts that the store does not have yet. */
export async function storePrompts(db: Db, prompts: readonly StoredPrompt[]): Promise<void> {
  const known = kept.get(db) ?? createRecent<string, true>(MOST_KNOWN)
  const unknown = prompts.filter(({ hash }) => known.get(hash) !== true)
  if (unknown.length === 0) return
  await db.query({
    name: 'store_prompts',
    text: `
      insert into prompts (hash, name, version, text)
      select * from unnest($1::text[], $2::text[], $3::text[], $4::text[])
      on conflict do nothing`,
    values: [
      unknown.map(({ hash }) => hash),
      unknown.map(({ name }) => name),
      unknown.map(({ version }) => version),
      unknown.map(({ text }) => text),
    ],
  })
  for (const { hash } of unknown) known.set(hash, true)
  kept.set(db, known)
}

/** null where no process has stored it. */
export async function findStoredPrompt(db: Db, hash: string): Promise<string | null> {
  const [row] = await db.query<{ text: string }>({
    name: 'find_prompt',
    text: 'select text from prompts where hash = $1',
    values: [hash],
  })
  return row?.text ?? null
}
