// Proves tools/first-day.sh: in a copy of this repository it names each step that is still to do, and each one that is undone again. Doesn't build dist/.

import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { devNull } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { copyRepository, inBash, ROOT, start } from './steps.ts'

const NAME = 'acme-tools'
/** In two pieces: this repository's own files name one publisher only. */
const OTHER = ['octo', 'vaunt-token-action'].join('/')
const NOT_INSTALLED = "dist/ can't be compared with src/, because the packages aren't installed."

inBash('tools/first-day.sh', () => {
  let folder: string
  const environment = {
    ...process.env,
    GIT_CONFIG_GLOBAL: devNull,
    ...{ GIT_AUTHOR_NAME: 'Maintainer', GIT_AUTHOR_EMAIL: 'maintainer@sandbox.test' },
    ...{ GIT_COMMITTER_NAME: 'Maintainer', GIT_COMMITTER_EMAIL: 'maintainer@sandbox.test' }
  }
  const run = (program: string, ...args: string[]): string =>
    execFileSync(program, args, { cwd: folder, env: environment, encoding: 'utf8', stdio: 'pipe' })
  /** Commits everything, and lets origin/main be there as after a push. */
  function publish(): void {
    run('git', 'add', '--all')
    run('git', 'commit', '--quiet', '--allow-empty', '--message', 'Change')
    run('git', 'update-ref', 'refs/remotes/origin/main', 'HEAD')
  }
  function change(file: string, from: string | RegExp, to: string): void {
    const text = readFileSync(join(folder, file), 'utf8')
    expect([file, text.search(from)]).not.toEqual([file, -1])
    writeFileSync(join(folder, file), text.replace(from, to))
  }
  async function rehearse(): Promise<{ code: number | null; steps: string[]; log: string }> {
    const { code, log } = await start('bash', ['tools/first-day.sh'], folder, environment)
    return { code, log, steps: [...log.matchAll(/^ *\d+\. (.*)$/gm)].map(([, step = '']) => step) }
  }

  beforeAll(() => {
    folder = copyRepository()
    run('git', 'init', '--quiet', '--initial-branch=main')
    run('git', 'add', '--all')
    run('git', 'commit', '--quiet', '--message', 'Copy')
  })
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  test('names every step that is to do in a fresh clone, and what only a person can check', async () => {
    const { code, steps, log } = await rehearse()
    expect(code).toBe(1)
    // After the first release there is less to do: what is named then is proved below.
    if (log.includes('placeholder')) {
      expect(steps).toEqual([
        expect.stringMatching(/^Adopt the name: \d+ files contain the placeholder/),
        'The README still has the box "Not published yet".',
        expect.stringMatching(/^The remote origin isn't github\.com/),
        '.github/CODEOWNERS names no owner of all files.',
        expect.stringMatching(/^The heading in CHANGELOG\.md must have a date: /),
        'tools/released-interface.json records version none, not 1.0.0.',
        "This commit isn't origin/main.",
        NOT_INSTALLED
      ])
    }
    // Until somebody accepts a report, after which this file says who.
    const isUnseen = readFileSync(join(folder, 'sandbox/observed.json'), 'utf8').includes('by nobody yet')
    expect(log.includes('accept its report: no one has yet')).toBe(isUnseen)
    for (const words of ['two-factor', 'rulesets', 'environments', 'immutability', 'Marketplace', 'prober']) {
      expect(log.slice(log.indexOf('Check on GitHub'))).toContain(words)
    }
  })

  describe('when every step is done', () => {
    beforeAll(async () => {
      symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction')
      await start('bash', ['tools/adopt.sh', NAME], folder, environment)
      if (!readFileSync(join(folder, 'CHANGELOG.md'), 'utf8').includes(' - 20')) {
        change('CHANGELOG.md', '- Unreleased', '- 2026-11-28')
      }
      run(process.execPath, 'tools/public-interface.ts')
      rmSync(join(folder, 'node_modules'))
      run('git', 'remote', 'add', 'origin', `git@github.com:${NAME}/vaunt-token-action.git`)
      publish()
    }, 60_000)

    test('it names only what it could not check', async () => {
      expect((await rehearse()).steps).toEqual([NOT_INSTALLED])
    })

    test.each<[string, () => void, string | RegExp]>([
      [
        'another account in the starter workflow',
        () => {
          change('examples/workflow-templates/vaunt-contributors-card.yml', `uses: ${NAME}/`, 'uses: octo/')
        },
        `The files name this action in more than one way: ${NAME}/vaunt-token-action ${OTHER}.`
      ],
      [
        'the box in the README',
        () => {
          change('README.md', '## ', '> **Not published yet.**\n\n## ')
        },
        'The README still has the box "Not published yet".'
      ],
      [
        'another remote',
        () => {
          run('git', 'remote', 'set-url', 'origin', `https://github.com/${OTHER}`)
        },
        `The remote origin isn't github.com/${NAME}/vaunt-token-action, but https://github.com/${OTHER}.`
      ],
      [
        'a ruleset that is switched off',
        () => {
          change('.github/rulesets/branches.json', '"active"', '"disabled"')
        },
        'The ruleset .github/rulesets/branches.json is missing or not active.'
      ],
      [
        'a ruleset that is gone',
        () => {
          rmSync(join(folder, '.github/rulesets/major-tags.json'))
        },
        'The ruleset .github/rulesets/major-tags.json is missing or not active.'
      ],
      [
        'no owner of the code',
        () => {
          change('.github/CODEOWNERS', /^\* .*$/m, '/docs @octo')
        },
        '.github/CODEOWNERS names no owner of all files.'
      ],
      [
        'an action named by its tag',
        () => {
          change('.github/workflows/ci.yml', /actions\/checkout@[0-9a-f]{40} # \S+/, 'actions/checkout@v7')
        },
        /^An action isn't pinned: \.github\/workflows\/ci\.yml:\d+: .*actions\/checkout@v7$/
      ],
      [
        'a description that Marketplace refuses',
        () => {
          change('action.yml', /^description: .*$/m, `description: ${'x'.repeat(125)}`)
        },
        'The description in action.yml has 125 characters.'
      ],
      [
        'no branding',
        () => {
          change('action.yml', 'branding:', 'brand:')
        },
        'action.yml has no branding.'
      ],
      [
        'a changelog without a date',
        () => {
          change('CHANGELOG.md', /(## \[\d+\.\d+\.\d+\]) - \S+/, '$1')
        },
        /^The heading in CHANGELOG\.md must have a date: /
      ],
      [
        'a lock file of another version',
        () => {
          change('package-lock.json', /"version": "[\d.]+"/, '"version": "0.0.1"')
        },
        /^package-lock\.json doesn't have version /
      ],
      [
        'no record of the interface',
        () => {
          rmSync(join(folder, 'tools/released-interface.json'))
        },
        /^tools\/released-interface\.json records version none, /
      ],
      [
        'a dist/ that src/ does not build to',
        () => {
          mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true })
          writeFileSync(join(folder, 'node_modules/.bin/ncc'), '')
          chmodSync(join(folder, 'node_modules/.bin/ncc'), 0o755)
          writeFileSync(join(folder, 'tools/check-dist.sh'), 'exit 1\n')
        },
        "dist/ isn't what src/ builds to."
      ]
    ])('it names %s', async (_, undo, step) => {
      const before = run('git', 'rev-parse', 'HEAD').trim()
      undo()
      publish()
      const { code, steps } = await rehearse()
      expect([code, steps.filter(step => step !== NOT_INSTALLED)]).toEqual([
        1,
        [typeof step === 'string' ? step : expect.stringMatching(step)]
      ])
      run('git', 'reset', '--quiet', '--hard', before)
      run('git', 'remote', 'set-url', 'origin', `git@github.com:${NAME}/vaunt-token-action.git`)
      rmSync(join(folder, 'node_modules'), { recursive: true, force: true })
      publish()
    })

    test('it names a tag that exists, a change that is not committed, and a commit that is not merged', async () => {
      run('git', 'tag', 'v1.0.0')
      writeFileSync(join(folder, 'notes.txt'), '')
      run('git', 'update-ref', '-d', 'refs/remotes/origin/main')
      expect((await rehearse()).steps).toEqual([
        'The tag v1.0.0 already exists.',
        'There are changes that are not committed.',
        "This commit isn't origin/main.",
        NOT_INSTALLED
      ])
      run('git', 'tag', '--delete', 'v1.0.0')
      rmSync(join(folder, 'notes.txt'))
      publish()
    })
  })
})
