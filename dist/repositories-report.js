// Starts the action that reports on repositories.
import { start } from "./start.js";
await start('repositories-report');
