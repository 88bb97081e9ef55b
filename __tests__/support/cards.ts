// Draws the cards of the unit tests like Vaunt does.

import { drawCard as draw } from '../../sandbox/vaunt/card.ts'

/** A login, its contributions, and what stands for its picture; empty for a picture that Vaunt left out. */
export type Shown = readonly [login: string, contributions: number, picture: string]

/** The card of these contributors. */
export function drawCard(contributors: readonly Shown[]): string {
  const shown = contributors.map(([name, contributions, picture]) => ({ name, contributions, picture }))
  return draw('octo/demo', shown)
}

/** The address that a picture has on a card. */
export function pictureAddress(picture: string): string {
  return /href="([^"]*)"/.exec(drawCard([['x', 1, picture]]))?.[1] ?? ''
}
