// Proves that what users rely on (inputs, outputs, codes) changes only with a line in CHANGELOG.md, and is removed only in a new major version. Reads only files, no history, so a shallow clone is enough.

import { describe, expect, test } from '@jest/globals'
import { currentInterface, differences, RECORD, releasedInterface } from '../../tools/public-interface.ts'
import type { Interface } from '../../tools/public-interface.ts'
import { property } from '../../src/untrusted/json.ts'
import { read, sections } from './markdown.ts'
import { codes } from './names-in-code.ts'

const current = currentInterface()
const recorded = releasedInterface()
// Before the first release there is no record, and nothing that users could rely on.
const released = recorded ?? current
const changelog = read('CHANGELOG.md')

test(`${RECORD} records the newest release (if not, run npm run record-interface when you prepare a release)`, () => {
  const newest = sections(changelog).find(({ level, heading }) => level === 2 && / - \d{4}-\d\d-\d\d$/.test(heading))
  expect(recorded && `[${recorded.version}]`).toBe(newest?.heading.split(' - ')[0])
})

test('the changelog names, in backticks above the newest release, whatever differs from that release', () => {
  const [unreleased = ''] = changelog.split(/^## .* - \d{4}-\d\d-\d\d$/m)
  expect(differences(released, current).filter(name => !unreleased.includes(`\`${name}\``))).toEqual([])
})

test('no input, output or code is taken away within a major version', () => {
  const isSameMajor = released.version.split('.')[0] === current.version.split('.')[0]
  const lost = namesOf(released).filter(name => !namesOf(current).includes(name))
  expect(isSameMajor ? lost : []).toEqual([])
})

test('the codes are those of the catalogue', () => {
  expect(current.codes).toEqual(codes())
})

function namesOf({ actions, codes }: Interface): string[] {
  const declared = Object.entries(actions).flatMap(([file, action]) =>
    ['inputs', 'outputs', 'secrets'].flatMap(kind =>
      Object.keys(property(action, kind) ?? {}).map(name => `${file} ${kind} ${name}`)
    )
  )
  return [...declared, ...codes]
}

describe('differences', () => {
  const before: Interface = {
    version: '1.0.0',
    actions: {
      'action.yml': {
        description: 'Sows.',
        inputs: { field: { description: 'Where.', required: false }, seeds: { default: '' } },
        outputs: { count: { description: 'How many.' } }
      }
    },
    codes: ['field-missing', 'internal']
  }
  function after(action: object, rest: Partial<Interface> = {}): string[] {
    const actions = { 'action.yml': { ...Object(before.actions['action.yml']), ...action } as unknown }
    return differences(before, { ...before, actions, ...rest })
  }

  test.each([
    ['nothing', after({}), []],
    ['the version alone', after({}, { version: '1.1.0' }), []],
    [
      'a new input',
      after({ inputs: { field: { description: 'Where.', required: false }, seeds: { default: '' }, depth: {} } }),
      ['depth']
    ],
    ['an input that is gone', after({ inputs: { seeds: { default: '' } } }), ['field']],
    [
      'another default',
      after({ inputs: { field: { description: 'Where.', required: false }, seeds: { default: '9' } } }),
      ['seeds']
    ],
    ['other words', after({ outputs: { count: { description: 'How few.' } } }), ['count']],
    ['another key', after({ runs: { using: 'node28' } }), ['runs']],
    ['a new code', after({}, { codes: ['field-missing', 'seeds-missing', 'internal'] }), ['seeds-missing']],
    ['a code that is gone', after({}, { codes: ['internal'] }), ['field-missing']],
    ['an order of codes', after({}, { codes: ['internal', 'field-missing'] }), []],
    [
      'a secret of a reusable workflow',
      differences(
        { ...before, actions: { 'w.yml': { secrets: { KEY: { required: true } }, inputs: {} } } },
        { ...before, actions: { 'w.yml': { secrets: { KEY: { required: false } }, inputs: { depth: {} } } } }
      ),
      ['KEY', 'depth']
    ],
    [
      'a further action',
      differences(before, { ...before, actions: { ...before.actions, 'plough/action.yml': { inputs: {} } } }),
      ['plough']
    ]
  ])('%s', (_, found, names) => {
    expect(found).toEqual(names)
  })
})
