// Starts the action that commits the contributors card.
import { start } from "./start.js";
await start('contributors-card');
