// Sends a request to Vaunt, and turns every refusal into a failure, by its status. Doesn't read the body of a success, and logs nothing.

import { ActionError } from '../errors/action-error.ts'
import type { Client } from '../network/client.ts'
import type { MissingPatReason } from '../errors/messages/inputs.ts'
import type { Quoted } from '../untrusted/quoted.ts'
import { surpriseOf } from '../network/answer.ts'
import type { Answer } from '../network/answer.ts'
import { PUBLIC_VAUNT_API_URL } from '../runner/api-urls.ts'

/** A request, and the credential it is sent with. */
export interface Question {
  readonly client: Pick<Client, 'request'>
  /** Without a trailing slash. */
  readonly vauntApiUrl: string
  /** The path and the query, encoded. */
  readonly path: string
  /** The PAT or a Vaunt token; undefined for a request without authorization. */
  readonly bearer: string | undefined
  /** Says why there may be no PAT, for a request without authorization. */
  readonly missingPatReason?: () => MissingPatReason
  /** The media type to request. */
  readonly accept: string
  /** Makes text from outside fit to print. */
  readonly quote: (raw: string) => Quoted
  /** What is requested, in the action's own words. */
  readonly asked: string
  /** The account whose data is requested, as GitHub spells it. */
  readonly entity: string
  /** The repository of the entity whose data is requested, if it is one. */
  readonly repository?: string
  /** Whether the token itself is requested, with a PAT. */
  readonly forToken?: boolean
  /** Whether a 404 isn't a failure, because nothing follows the last page. */
  readonly mayBeMissing?: boolean
}

/**
 * Sends a GET request to Vaunt.
 *
 * @returns a response with the status 200, or 404 if `mayBeMissing` is set
 * @throws ActionError `vaunt-*`, `pat-missing` (without authorization), `tls-untrusted`, `proxy-failed`
 */
export async function askVaunt(question: Question): Promise<Answer> {
  const { client, vauntApiUrl, path, bearer, quote, asked } = question
  const authorization = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }
  const answer = await client.request('Vaunt', `${vauntApiUrl}${path}`, {
    headers: { accept: question.accept, ...authorization, 'user-agent': 'vaunt-token-action' }
  })
  const { status, headers, isOwnRefusal, host, trail } = answer
  const facts = { ...trail, asked, status, host }
  if (status === 200) return answer
  // A refusal counts as Vaunt's own only in Vaunt's format, because a firewall's page says nothing about the PAT or the entity.
  if (status < 400 || !isOwnRefusal) {
    const surprise = surpriseOf(status)
    const location = surprise === 'redirect' ? headers['location'] : undefined
    throw ActionError.of('vaunt-unexpected', {
      ...facts,
      surprise,
      location: location === undefined ? undefined : quote(location)
    })
  }
  if (status === 404 && question.mayBeMissing === true) return answer
  if (status === 401 || status === 403 || status === 404) throw refusal(answer, question)
  throw ActionError.of('vaunt-unexpected', { ...facts, surprise: trail.words === undefined ? 'status' : 'refused' })
}

function refusal({ status, trail }: Answer, question: Question): ActionError {
  const { vauntApiUrl, quote, repository } = question
  if (question.bearer === undefined) {
    const refused = { ...trail, repository: quote(`${question.entity}/${repository ?? ''}`), status }
    return ActionError.of('pat-missing', { reason: question.missingPatReason?.() ?? 'unknown', refused })
  }
  const asked = question.forToken === true ? undefined : question.asked
  const entity = quote(question.entity)
  if (status !== 404) return ActionError.of('vaunt-refused', { ...trail, entity, status, asked })
  return ActionError.of('vaunt-entity-unknown', {
    ...trail,
    entity,
    repository: repository === undefined ? undefined : quote(repository),
    address: vauntApiUrl === PUBLIC_VAUNT_API_URL ? undefined : quote(vauntApiUrl)
  })
}
