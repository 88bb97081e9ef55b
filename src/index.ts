// Starts the action that gets a Vaunt token.

import { start } from './start.ts'

await start('vaunt-token')
