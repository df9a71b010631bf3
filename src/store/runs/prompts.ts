import { createHash } from 'node:crypto'
import { createLruMap, type LruMap } from '../../contracts/lru-map.ts'
import type { Db } from '../database/database.ts'
import { statement } from '../database/statement.ts'

export interface StoredPrompt {
  readonly hash: string
  readonly name: string
  readonly version: string
  readonly text: string
}

/** The id by which a plan refers to a prompt's text: 132 bits of the text's SHA-256, base64url. */
export function promptHash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}

const STORE_PROMPTS = statement(
  'store_prompts',
  `
  insert into prompts (hash, name, version, text)
  select * from unnest(:hashes::text[], :names::text[], :versions::text[], :texts::text[])
  on conflict do nothing`,
)

const FIND_PROMPT = statement('find_prompt', 'select text from prompts where hash = :hash')

/** Hashes of prompts that this process has stored: a prompt is sent once a process, not once a run. */
const stored = new WeakMap<Db, LruMap<string, true>>()

/** The most hashes it remembers, since a prompt that names its run's caller or day is stored once and never used again. */
const MOST_KNOWN = 1_000

/** Stores the texts that the store does not have yet. */
export async function storePrompts(db: Db, prompts: readonly StoredPrompt[]): Promise<void> {
  const known = stored.get(db) ?? createLruMap<string, true>(MOST_KNOWN)
  const unknown = prompts.filter(({ hash }) => known.get(hash) !== true)
  if (unknown.length === 0) return
  await db.query(
    STORE_PROMPTS.with({
      hashes: unknown.map(({ hash }) => hash),
      names: unknown.map(({ name }) => name),
      versions: unknown.map(({ version }) => version),
      texts: unknown.map(({ text }) => text),
    }),
  )
  for (const { hash } of unknown) known.set(hash, true)
  stored.set(db, known)
}

/** null where no process has stored it. */
export async function findStoredPrompt(db: Db, hash: string): Promise<string | null> {
  const [row] = await db.query<{ text: string }>(FIND_PROMPT.with({ hash }))
  return row?.text ?? null
}
