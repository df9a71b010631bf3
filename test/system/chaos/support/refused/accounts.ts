import type { Database } from '../../../../../src/store/database/database.ts'
import { openAccount } from '../pay-desk/books.ts'
import { type PersonName, REQUESTERS } from './people.ts'

export const ACCOUNTS_EACH = 4

export function accountOf(requester: PersonName, which: number): string {
  return `${requester}-${which}`
}

/** Gives everybody who asks for runs some accounts that can bear any number of payments. */
export async function openAccounts(database: Database): Promise<void> {
  for (const requester of REQUESTERS) {
    for (let which = 0; which < ACCOUNTS_EACH; which += 1) {
      await openAccount(database, accountOf(requester, which), requester)
    }
  }
}
