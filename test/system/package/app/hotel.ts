import { type AppDatabase, type AppDb, type Caller, ToolError } from 'holdfast'

export interface Booking {
  readonly number: string
  readonly room: string
  readonly paid_cents: number
}

/** A guest's own booking. */
export async function findBooking(db: AppDb, caller: Caller, number: string): Promise<Booking> {
  const [booking] = await db.query<Booking>({
    name: 'find_booking',
    text: 'select number, room, paid_cents from bookings where number = $1 and tenant = $2 and guest = $3',
    values: [number, caller.tenant, caller.principal],
  })
  if (booking === undefined) throw new ToolError(`There is no booking ${number}.`)
  return booking
}

export async function changeRoom(db: AppDb, caller: Caller, number: string, room: string): Promise<Booking> {
  const { paid_cents } = await findBooking(db, caller, number)
  await db.query({ text: 'update bookings set room = $2 where number = $1', values: [number, room] })
  return { number, room, paid_cents }
}

/** Pays back once for one call, however often the call is tried. */
export async function refund(
  db: AppDatabase,
  caller: Caller,
  call: { readonly key: string; readonly booking: string; readonly cents: number },
): Promise<{ refunded_cents: number }> {
  return db.transaction(async (tx) => {
    const { paid_cents } = await findBooking(tx, caller, call.booking)
    if (call.cents > paid_cents) throw new ToolError(`Only ${paid_cents} cents were paid.`)
    await tx.query({
      text: 'insert into refunds (call_key, booking, cents) values ($1, $2, $3) on conflict do nothing',
      values: [call.key, call.booking, call.cents],
    })
    return { refunded_cents: call.cents }
  })
}

export async function seed(db: AppDatabase): Promise<void> {
  await db.query({
    text: `insert into bookings values ('B-1', 'default', 'local', '12', 20000), ('B-2', 'default', 'tester', '14', 9000)
           on conflict do nothing`,
  })
}
