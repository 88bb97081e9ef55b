// Starts the action that gets a Vaunt token.
import { start } from "./start.js";
await start('vaunt-token');
