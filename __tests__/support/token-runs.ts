// Runs the token action in the staged World, and provides the token that Vaunt returns in it.

import { expect } from '@jest/globals'
import { runToken } from '../../src/actions/token.ts'
import type { Staged } from './github.ts'
import { signToken } from './secrets.ts'
import { createWorld } from './staged-world.ts'
import type { Effect, StagedWorld, WorldOptions } from './staged-world.ts'

export const EXPIRES_AT = '2026-11-23T18:00:00.000Z'
export const RUN = 'Acme-Labs/anvil/4711'

export const token = await signToken({ sub: 'Acme-Labs', exp: Date.parse(EXPIRES_AT) / 1000 })
/** A token that names no end. */
export const endless = await signToken({ sub: 'Acme-Labs' })
export const vaunt: Staged = { body: { meta_data: { count: 1, data_type: 4 }, data: { token } } }

/** Runs in a world where Vaunt gives the token, unless it is staged otherwise. */
export async function ran(options: WorldOptions = {}): Promise<StagedWorld> {
  const world = createWorld({ ...options, stages: { vaunt, ...options.stages } })
  await runToken(world)
  return world
}

/** What the one annotation says; fails unless the run failed as the contract demands. */
export function annotation(world: StagedWorld): string {
  const failures = world.effects.filter(([name]) => name === 'setFailed')
  expect(failures).toHaveLength(1)
  expect(Object.keys(world.outputs)).toEqual(['error-code'])
  expect(failures[0]?.[1]).toContain(`[${world.outputs['error-code'] ?? ''}]`)
  return failures[0]?.[1] ?? ''
}

export function of(world: StagedWorld, ...names: string[]): Effect[] {
  return world.effects.filter(([name]) => names.includes(name))
}

export function at(world: StagedWorld, ...effect: string[]): number {
  const index = world.effects.findIndex(each => effect.every((value, position) => each[position] === value))
  expect([effect, index]).not.toEqual([effect, -1])
  return index
}
