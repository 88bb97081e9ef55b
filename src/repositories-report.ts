// Starts the action that reports on repositories.

import { start } from './start.ts'

await start('repositories-report')
