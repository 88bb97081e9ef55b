// Owns the list of the further steps, by their names. Only what is started for one of them loads this file.

import type { World } from '../session.ts'
import { runCard } from './card.ts'
import { runReport } from './report.ts'

export const steps: Readonly<Record<'contributors-card' | 'repositories-report', (world: World) => Promise<void>>> = {
  'contributors-card': world => runCard(world),
  'repositories-report': world => runReport(world)
}
