// Defines what a test can change about the sandbox's Vaunt at any time, and the defaults.

import type { Shown } from './card.ts'

export interface VauntSettings {
  /** Of a token, in seconds from now; negative: expired already; undefined: the token has no `exp`. */
  lifetimeSeconds: number | undefined
  /** Of every JSON answer; undefined: none is sent. */
  contentType: string | undefined
  /** How far Vaunt's clock is ahead: in the `Date` header and in the token's claims, in milliseconds. */
  clockAheadMs: number
  /** Logins, as Vaunt spells them, of the accounts that installed it. */
  readonly installedOn: string[]
  /** Whether the last page has a `next_cursor`, too (and the first one a `previous_cursor`), as the documentation can be read. */
  cursorOnLastPage: boolean
  /** Names of each owner's repositories, the newest first. */
  repositories: string[]
  /** Those of them that GitHub deleted. */
  deletedRepositories: string[]
  /** Full names of the public repositories: their cards need no authorization. */
  publicRepositories: string[]
  /** What a request without a token gets for the contributors of any other repository. */
  statusWithoutToken: 401 | 403 | 404
  /** Logins of those who contribute, the most active first. */
  contributors: string[]
  /** Contributions by login, if they aren't the usual ones. */
  contributions: Record<string, number>
  /** Names of pictures by login, if they aren't the usual ones. An empty name makes an empty picture. */
  pictures: Record<string, string>
  /** Names of the pictures that a bot has on successive cards: real ones alternate between two encodings and are sometimes empty. */
  botPictures: string[]
  /** Who is on the next cards, whatever else is set. Each card takes the first of these; the last one stays. */
  series: (readonly Shown[])[]
  /** Names of everybody's achievements, the newest first. */
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
