// Reads the environment variables of the process, and removes those that would change how packages and Node.js behave.

/** All environment variables, including those that are removed. */
export const processEnvironment: Readonly<Record<string, string | undefined>> = { ...process.env }

// @actions/github parses the event file while it loads, and throws or prints if the file is invalid.
delete process.env['GITHUB_EVENT_PATH']
// TLS verification can't be turned off, not even with the variable of Node.js.
delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']
