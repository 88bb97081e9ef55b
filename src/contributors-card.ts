// Starts the action that commits the contributors card.

import { start } from './start.ts'

await start('contributors-card')
