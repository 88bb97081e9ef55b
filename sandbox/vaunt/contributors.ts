// Decides who is on the next card of a repository, with how many contributions, and with which picture.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Repository } from '../git/repository.ts'
import type { Shown } from './card.ts'
import type { VauntSettings } from './settings.ts'

/**
 * Counts the contributions to a repository. Commits on its default branch are added to those in the settings, as Vaunt does:
 * a bot that commits cards contributes with each of them.
 *
 * @param repository undefined if this sandbox's GitHub has no such repository
 */
export function countContributions(
  settings: VauntSettings,
  repository: Repository | undefined
): (readonly [login: string, contributions: number])[] {
  const counts = new Map(
    settings.contributors.map((login, age) => [login, settings.contributions[login] ?? Math.max(1, 247 - 50 * age)])
  )
  for (const { author } of repository?.history(repository.defaultBranch) ?? []) {
    const count = counts.get(author.name)
    if (count !== undefined || author.name.endsWith('[bot]')) counts.set(author.name, (count ?? 0) + 1)
  }
  return [...counts]
}

/**
 * Chooses who is on the next card, the most active first.
 *
 * @param drawn the number of cards drawn before
 */
export function contributorsOnCard(
  settings: VauntSettings,
  counts: readonly (readonly [login: string, contributions: number])[],
  drawn: number
): readonly Shown[] {
  const next = settings.series.length > 1 ? settings.series.shift() : settings.series[0]
  if (next) return next
  const botPicture = settings.botPictures[drawn % settings.botPictures.length] ?? ''
  return counts
    .map(([name, contributions]) => {
      const usual = !name.endsWith('[bot]') ? name : botPicture === '' ? '' : `${name} ${botPicture}`
      return { name, contributions, picture: settings.pictures[name] ?? usual }
    })
    .sort((one, other) => other.contributions - one.contributions)
}

/** Reads a sample of what a real card showed over a year and a half, with different names, oldest first. */
export function readCardSeries(file = join(import.meta.dirname, 'card-series.json')): (readonly Shown[])[] {
  const { refreshes } = JSON.parse(readFileSync(file, 'utf8')) as { refreshes: [string, number, string][][] }
  return refreshes.map(refresh => refresh.map(([name, contributions, picture]) => ({ name, contributions, picture })))
}
