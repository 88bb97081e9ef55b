// Defines what a test can change about the sandbox's Vaunt at any time, and the defaults.

import type { Shown } from './card.ts'

export interface VauntSettings {
  /** The lifetime of a token in seconds. If negative, it has expired; if undefined, it has no `exp`. */
  lifetimeSeconds: number | undefined
  /** The content type of JSON responses; undefined to send none. */
  contentType: string | undefined
  /** How far Vaunt's clock is ahead, in milliseconds, in the `Date` header and in the token's claims. */
  clockAheadMs: number
  /** Logins, as Vaunt spells them, of the accounts that installed it. */
  readonly installedOn: string[]
  /** Whether the last page has a `next_cursor`, too (and the first one a `previous_cursor`), as the documentation can be read. */
  cursorOnLastPage: boolean
  /** Names of each owner's repositories, the newest first. */
  repositories: string[]
  /** The deleted ones among them. */
  deletedRepositories: string[]
  /** Full names of the public repositories: their cards need no authorization. */
  publicRepositories: string[]
  /** The response to a request without a token for the contributors of any other repository. */
  statusWithoutToken: 401 | 403 | 404
  /** Logins of the contributors, most active first. */
  contributors: string[]
  /** Contributions by login, if they aren't the usual ones. */
  contributions: Record<string, number>
  /** Names of pictures by login, if they aren't the usual ones. An empty name leads to an empty picture. */
  pictures: Record<string, string>
  /** Names of a bot's pictures on successive cards. Real ones alternate between two encodings and are sometimes empty. */
  botPictures: string[]
  /** Who is on the next cards, regardless of the other settings. Each card uses the first entry; the last one is kept. */
  series: (readonly Shown[])[]
  /** Names of all achievements, newest first. */
  achievements: string[]
}

export function defaultSettings(): VauntSettings {
  return {
    lifetimeSeconds: 3600,
    contentType: 'application/json',
    clockAheadMs: 0,
    installedOn: ['Mona', 'mona_acme', 'hubot', 'newcomer', 'Acme-Labs'],
    cursorOnLastPage: true,
    repositories: ['anvil', 'boomerang', 'catapult', 'dynamite', 'earthquake-pills', 'flypaper', 'giant-magnet'],
    deletedRepositories: [],
    publicRepositories: [],
    statusWithoutToken: 401,
    contributors: ['Mona', 'hubot', 'newcomer'],
    contributions: {},
    pictures: {},
    botPictures: ['encoding 1', 'encoding 2', 'encoding 1', 'encoding 2', ''],
    series: [],
    achievements: ['First pull request', 'Merge hero']
  }
}
