// Creates the HTTP client of a run, which logs what the user should know about its requests.

import type { Service } from '../errors/messages/wording.ts'
import { announcedEnd } from '../github/api-version.ts'
import type { Received } from '../network/answer.ts'
import type { Client } from '../network/client.ts'
import type { Limits } from '../network/retry.ts'
import { extraCaIn } from '../runner/extra-certificates.ts'
import { endWarning, retryLine, systemStoreLine } from './log.ts'
import type { Session } from './run.ts'

/** Creates a client, and closes it when it's no longer used. */
export async function withClient<T>(
  session: Session,
  use: (client: Client) => Promise<T>,
  limits?: Limits
): Promise<T> {
  const client = createClient(session, limits)
  try {
    return await use(client)
  } finally {
    client.close()
  }
}

/** Creates a client. Its time limit starts now; without limits of its own, it has those of the token action. */
export function createClient({ world, quote, once }: Session, limits?: Limits): Client {
  const { core, environment, nodeVersion, now, uptime } = world
  const warnOfEnd = (answer: Received, service: Service): void => {
    const end = announcedEnd(answer)
    if (!end) return
    once('announced end', () => {
      core.warning(endWarning(service, end))
    })
  }
  return world.createClient({
    environment,
    nodeVersion,
    quote,
    now,
    uptime,
    onRetry: retry => {
      core.info(retryLine(retry))
    },
    onAnswer: warnOfEnd,
    onSystemStore: host => {
      once('system store', () => {
        core.info(systemStoreLine(host))
      })
    },
    extraCa: () => extraCaIn(environment, world.readFile),
    ...(limits && { limits })
  })
}
