// Owns the question whether a card says anything that the one on the branch doesn't.

import { readContents } from './contents.ts'
import type { Contents, Contributor } from './contents.ts'

/** What a new card says. */
export interface News {
  /** The card to commit: the new one, with the pictures that it lost. */
  readonly card: string
  /** What changed, one short text each. Names in it are from the card. */
  readonly changes: readonly string[]
}

/**
 * Compares a new card with the one on the branch. The counts and pictures of bots say nothing, and neither does an order
 * that follows from them: the bot that commits the card is counted on it, so each commit would cause the next one.
 *
 * @param before undefined when there is no card yet
 * @returns undefined when the new card says nothing new
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

/** One contributor, on either card or on both. */
interface Pair {
  readonly then: Contributor | undefined
  readonly now: Contributor | undefined
}

/** Pairs contributors by their names. Where several have one name, the first of them belongs to the first, and so on. */
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
      ...(saysPicture(then, now) ? [`${now.name} has a new picture.`] : [])
    ]
  })
}

/** Whether the picture is another one. A picture that Vaunt left out is none. */
function saysPicture(then: Contributor, now: Contributor): boolean {
  return !isEmpty(now) && then.picture?.address !== now.picture?.address
}

function isEmpty({ picture }: Contributor): boolean {
  const address = picture?.address.trim()
  return address === '' || /^data:[^,]*,?$/.test(address ?? '')
}

/** Bots aside, the order of the contributors is Vaunt's. The drawing depends on their number, so it counts only when that stayed. */
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

/** The new card, with the picture from before in each place where Vaunt left one out. */
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

/** Nothing but a picture is taken over: the file on the branch may be anybody's. */
const EMBEDDED = /^data:image\/(?:png|jpeg|gif|webp);base64,[A-Za-z\d+/=]+$/

/** The address, in either kind of quotes: no value holds its own. */
const HREF = /(?<=\s)((?:xlink:)?href)\s*=\s*(?:"[^"]*"|'[^']*')/
