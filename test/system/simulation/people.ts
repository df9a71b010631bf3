/** Who there is, and the groups they are in. The first of them asked for the run. */
export const REQUESTER = 'ann'
export const PEOPLE: Record<string, readonly string[]> = {
  [REQUESTER]: ['finance'],
  bob: ['finance'],
  cat: ['finance', 'managers'],
  dan: ['managers', 'board'],
  eve: [],
}
