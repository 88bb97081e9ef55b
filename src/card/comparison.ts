// Compares a new card with the one on the branch, and decides whether it contains news.

import { readContents } from './contents.ts'
import type { Contents, Contributor } from './contents.ts'

/** The news on a new card. */
export interface News {
  /** The card to commit: the new one, with the previous pictures where it lacks them. */
  readonly card: string
  /** What changed, in one short text for each change. They contain names from the card. */
  readonly changes: readonly string[]
}

/**
 * Compares a new card with the one on the branch. The counts, pictures, and positions of bots aren't news: the bot that commits
 * the card is counted on it, so each commit would cause the next one.
 *
 * @param before the card on the branch; undefined if there is none
 * @returns undefined if the new card contains no news
 */
export function newsIn(before: string | undefined, after: string): News | undefined {
  const now = readContents(after)
  const then = before === undefined ? undefined : readContents(before)
  if (!then || !now) return before === after ? undefined : { card: after, changes: ['The card is new.'] }
  const pairs = pairUp(then.contributors, now.contributors)
  const changes = [...changesOf(pairs), ...changesAround(then, now)]
  if (changes.length === 0) return undefined
  return { card: withPictures(after, pairs), changes }
}

/** A contributor on one or both of the cards. */
interface Pair {
  readonly then: Contributor | undefined
  readonly now: Contributor | undefined
}

/** Pairs contributors by their names. If several have the same name, they are paired in order. */
function pairUp(then: readonly Contributor[], now: readonly Contributor[]): readonly Pair[] {
  const known = keyed(then)
  const pairs: Pair[] = []
  for (const [key, contributor] of keyed(now)) {
    pairs.push({ then: known.get(key), now: contributor })
    known.delete(key)
  }
  return [...pairs, ...Array.from(known.values(), gone => ({ then: gone, now: undefined }))]
}

function keyed(contributors: readonly Contributor[]): Map<string, Contributor> {
  const seen = new Map<string, number>()
  return new Map(
    contributors.map(contributor => {
      const number = (seen.get(contributor.name) ?? 0) + 1
      seen.set(contributor.name, number)
      return [`${number} ${contributor.name}`, contributor]
    })
  )
}

function isBot({ name }: Contributor): boolean {
  return name.endsWith('[bot]')
}

function changesOf(pairs: readonly Pair[]): string[] {
  return pairs.flatMap(({ then, now }) => {
    if (!now) return then ? [`${then.name} is no longer on the card.`] : []
    if (!then) return [`${now.name} is new on the card.`]
    if (isBot(now)) return []
    return [
      ...(then.count === now.count ? [] : [`${now.name} has ${now.count} contributions (was ${then.count}).`]),
      ...(isNewPicture(then, now) ? [`${now.name} has a new picture.`] : [])
    ]
  })
}

/** Tells whether the picture changed. A picture that Vaunt left out doesn't count. */
function isNewPicture(then: Contributor, now: Contributor): boolean {
  return !isEmpty(now) && then.picture?.address !== now.picture?.address
}

function isEmpty({ picture }: Contributor): boolean {
  const address = picture?.address.trim()
  return address === '' || /^data:[^,]*,?$/.test(address ?? '')
}

/** Lists changes of the order, except that of bots, and of the drawing, which also depends on the number of contributors. */
function changesAround(then: Contents, now: Contents): string[] {
  const people = ({ contributors }: Contents): string[] =>
    contributors.filter(contributor => !isBot(contributor)).map(({ name }) => name)
  const [before, after] = [people(then), people(now)]
  const isSame = before.length === after.length && before.every((name, index) => name === after[index])
  const isReordered = !isSame && before.toSorted().join('\n') === after.toSorted().join('\n')
  return [
    ...(isReordered ? ['The order of the contributors changed.'] : []),
    ...(then.contributors.length === now.contributors.length && then.drawing !== now.drawing
      ? ['The drawing changed.']
      : [])
  ]
}

/** Returns the new card, with the previous picture wherever Vaunt left one out. */
function withPictures(card: string, pairs: readonly Pair[]): string {
  const lost = pairs.flatMap(({ then, now }) => {
    const address = then?.picture?.address ?? ''
    return now?.picture && isEmpty(now) && EMBEDDED.test(address) ? [{ ...now.picture, address }] : []
  })
  const parts: string[] = []
  let at = 0
  for (const { start, end, address } of lost.sort((one, other) => one.start - other.start)) {
    const element = card.slice(start, end).replace(HREF, (_, attribute: string) => `${attribute}="${address}"`)
    parts.push(card.slice(at, start), element)
    at = end
  }
  return [...parts, card.slice(at)].join('')
}

/** Only an embedded picture is copied, because anyone could have written the file on the branch. */
const EMBEDDED = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z\d+/=]+$/

/** Matches the attribute in either kind of quotes, which its value can't contain. */
const HREF = /(?<=\s)((?:xlink:)?href)\s*=\s*(?:"[^"]*"|'[^']*')/
