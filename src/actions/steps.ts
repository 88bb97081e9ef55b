// Owns the list of the further steps, by their names. Only what is started for one of them loads this file.

import type { World } from './run.ts'
import { runCard } from './contributors-card.ts'
import { runReport } from './repositories-report.ts'

export const steps: Readonly<Record<'contributors-card' | 'repositories-report', (world: World) => Promise<void>>> = {
  'contributors-card': world => runCard(world),
  'repositories-report': world => runReport(world)
}
