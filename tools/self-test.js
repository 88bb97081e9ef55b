// Compares, for self-test.yml, what the action output in the real runner with what the sandbox's accounts and tokens should lead to. Prints no outputs, because some are tokens.

import { deepEqual, equal, match, notEqual } from 'node:assert/strict'
import process from 'node:process'

const outputs = name => JSON.parse(process.env[`${name}_OUTPUTS`] ?? '{}')
const [user, organization, opened, member] = ['USER', 'ORGANIZATION', 'OPENED', 'MEMBER'].map(outputs)
const JWT = /^[\w-]+\.[\w-]+\.[\w-]+$/

compare('the user', () => {
  const { token, 'expires-at': expiresAt, ...others } = user
  match(token, JWT)
  match(expiresAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z$/)
  deepEqual(others, { entity: 'Mona', 'entity-type': 'user', 'attested-by': 'Mona' })
})

compare('the organization', () => {
  const { token, 'sealed-token': sealed, 'expires-at': expiresAt, ...others } = organization
  match(token, JWT)
  match(expiresAt, /Z$/)
  equal(sealed.split('.').length, 5)
  deepEqual(others, { entity: 'Acme-Labs', 'entity-type': 'organization', 'attested-by': 'Mona' })
  notEqual(token, user.token)
})

compare('the environment variable', () => {
  equal(process.env['VAUNT_TOKEN'], organization.token)
})

compare('the opened token', () => {
  deepEqual(opened, organization)
})

compare('the member', () => {
  deepEqual(member, { 'error-code': 'not-an-admin' })
  equal(process.env['MEMBER_OUTCOME'], 'failure')
})

function compare(what, assertions) {
  try {
    assertions()
    console.log(`As it should be: ${what}.`)
  } catch {
    // The message of an assertion contains the values.
    console.log(`::error::Not as it should be: ${what}.`)
    process.exitCode = 1
  }
}
