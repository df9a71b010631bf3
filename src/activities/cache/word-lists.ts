/*
 * What the cache knows of language, for questions in English, and some negations of other languages. A question in another language is
 * compared all the same: its digits, names and quoted words count, its number words and opposites do not.
 */

/** Numbers as words. */
export const NUMBER_WORDS: ReadonlyMap<string, string> = new Map([
  ...'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty'
    .split(' ')
    .map((word, value) => [word, String(value)] as const),
  ...'thirty forty fifty sixty seventy eighty ninety'
    .split(' ')
    .map((word, index) => [word, String((index + 3) * 10)] as const),
  ...'second third fourth fifth sixth seventh eighth ninth tenth'
    .split(' ')
    .map((word, index) => [word, `${index + 2}th`] as const),
  ['hundred', '100'],
  ['thousand', '1000'],
  ['million', '1000000'],
  ['billion', '1000000000'],
  ['dozen', '12'],
  ['half', '1/2'],
  ['once', '1x'],
  ['twice', '2x'],
  ['single', '1x'],
  ['double', '2x'],
  ['triple', '3x'],
])

/** Units and currencies that have several spellings: all of a row are one. */
export const UNITS: ReadonlyMap<string, string> = new Map(
  [
    ['usd', '$', 'dollar', 'dollars'],
    ['eur', '€', 'euro', 'euros'],
    ['gbp', '£', 'pound', 'pounds'],
    ['jpy', '¥', 'yen'],
    ['percent', '%', 'per cent'],
    ['degree', '°', 'degrees'],
  ].flatMap(([name = '', ...others]) => [name, ...others].map((spelling) => [spelling, name] as const)),
)

/** They turn a sentence round, or leave something out. */
export const NEGATIONS: ReadonlySet<string> = new Set(
  `not no never none nobody nothing nowhere neither nor cannot without except excluding unless hardly barely fail fails failed
   nicht kein keine keinen keinem keiner nie niemals nichts niemand ohne weder pas jamais sans aucun aucune sin nunca jamás ningún ninguna senza mai nessuno`.split(
    /\s+/,
  ),
)

/** Words that a sentence may open with, so that their capital makes them no name. */
export const OPENERS: ReadonlySet<string> = new Set(
  `a about after all also am an and any are as at be before but by can cannot compare convert could define describe did do does explain find for from
   get give had has have hello hey hi how i if in is it let list may me might must my name no not of on once one open or our please say send shall
   she should show since so some still sum tell thank thanks that the their then there these they this those to transfer translate under was we were
   what what's when where where's which while who who's whom whose why will with would write you your warum was wer wie wann wo welche welcher welches
   ist sind kann können gibt bitte comment combien quand quel quelle qui que pourquoi est-ce cómo cuándo cuánto dónde qué quién por`.split(
    /\s+/,
  ),
)

/** Words that a question means the same without. */
export const FILLERS: ReadonlySet<string> = new Set(
  `a able am an and any are be been being can could did do does doing explain find get give going had has have hello hey hi how i is it its
   just kindly know like long many may me might much must my need needed now one our ours please possible really way say shall should show so some
   tell thank thanks that the their them then there these they this those us want was way we were what when where which who whom whose why will
   would you your yours`.split(/\s+/),
)

/** Words that say how others stand to each other. */
export const RELATIONS: ReadonlySet<string> = new Set(
  'about against at before after between by for from in into of on over per since than through to under until versus via vs with'.split(
    ' ',
  ),
)

/** Stems that mean the same wherever they stand. Each one more has to be measured. */
export const SYNONYMS: ReadonlyMap<string, string> = new Map([['cost', 'pric']])

/** Opposites: a word of one side is not to be found where the other question has one of the other side. */
export const OPPOSITES: readonly (readonly [string, string])[] =
  `accept:reject,decline,refuse activate:deactivate active:inactive add:remove,delete,subtract allow:forbid,deny,prohibit approve:deny,reject
   arrive,arrival,arriving:depart,departure,leave ascend:descend attach:detach available:unavailable before:after above:below over:under
   begin,start:end,stop,finish block:unblock borrow:lend buy,bought,purchase:sell,sold cheap,cheaper,cheapest:expensive,dear,dearest
   complete,completed:incomplete compress:decompress connect:disconnect create:delete,destroy credit:debit day:night deposit:withdraw domestic:international
   early,earlier,earliest:late,later,latest employee:employer enable:disable encode:decode encrypt:decrypt enter:exit,leave expand:collapse
   fast,faster,fastest:slow,slower,slowest first:last follow:unfollow freeze:thaw,defrost full:empty gain,profit:loss gross:net hide:show
   high,higher,highest:low,lower,lowest hire:fire hot:cold import:export inbound,incoming:outbound,outgoing include,included,including:exclude,excluded,excluding
   income:expense,expenses increase,raise,rise:decrease,lower,reduce,fall indoor:outdoor input:output insert:eject,delete inside:outside install:uninstall
   internal:external landlord:tenant large,larger,largest,big,bigger,biggest:small,smaller,smallest left:right legal:illegal lend:borrow
   load:unload lock:unlock log-in,login:log-out,logout long,longer,longest:short,shorter,shortest male:female married:single,divorced
   max,maximum:min,minimum merge:split more:less,fewer most:least,fewest morning:evening,night,afternoon mount:unmount mute:unmute
   new,newer,newest:old,older,oldest next:previous,last north:south east:west on:off online:offline open,opening:close,closed,closing pack:unpack parent:child
   past:future pause:resume permanent:temporary pin:unpin positive:negative possible:impossible public:private publish:unpublish pull:push read:write
   recipient,receiver:sender receive:send safe:unsafe,dangerous same:different save:spend sign-in:sign-out source:target,destination
   strong,stronger,strongest:weak,weaker,weakest subscribe:unsubscribe summer:winter today:tomorrow,yesterday tomorrow:yesterday top:bottom true:false up:down
   upgrade:downgrade upload:download upstream:downstream urban:rural valid:invalid visible:hidden,invisible win:lose with:without zip:unzip`
    .split(/\s+/)
    .flatMap((row) => {
      const [one = '', other = ''] = row.split(':')
      return one.split(',').flatMap((left) => other.split(',').map((right) => [left, right] as const))
    })
