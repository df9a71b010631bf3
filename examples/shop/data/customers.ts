import type { Customer } from './shop-data.ts'

/** The shop's customers, by internal id. `maya` is whoever sits in front of the local stack. */
export const CUSTOMERS = {
  maya: person('local', 'Maya', 'Okafor', 'Utrecht', 'NL'),
  jonas: person('jonas.weber', 'Jonas', 'Weber', 'Hamburg', 'DE'),
  amelie: person('amelie.laurent', 'Amélie', 'Laurent', 'Lyon', 'FR'),
  oliver: person('oliver.hughes', 'Oliver', 'Hughes', 'Bristol', 'GB'),
  sofia: person('sofia.rossi', 'Sofia', 'Rossi', 'Bologna', 'IT'),
  lars: person('lars.nystrom', 'Lars', 'Nyström', 'Gothenburg', 'SE'),
  kasia: person('katarzyna.nowak', 'Katarzyna', 'Nowak', 'Kraków', 'PL'),
  priya: person('priya.shah', 'Priya', 'Shah', 'Leicester', 'GB'),
  daan: person('daan.vermeulen', 'Daan', 'Vermeulen', 'Ghent', 'BE'),
  ines: person('ines.carvalho', 'Inês', 'Carvalho', 'Porto', 'PT'),
  niamh: person('niamh.byrne', 'Niamh', 'Byrne', 'Cork', 'IE'),
  tomas: person('tomas.herrera', 'Tomás', 'Herrera', 'Valencia', 'ES'),
} as const satisfies Record<string, Customer>

export type CustomerId = keyof typeof CUSTOMERS

function person(
  principal: string,
  firstName: string,
  lastName: string,
  city: string,
  country: string,
): Customer {
  const mailbox = `${firstName}.${lastName}`.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
  return { principal, firstName, lastName, email: `${mailbox}@mail.example`, city, country }
}
