// Checks the names that Git and GitHub give to repositories, branches, and files.

/** Whether GitHub allows the name for a repository. */
export function isRepositoryName(name: string): boolean {
  return /^[\w.-]{1,100}$/.test(name) && name !== '.' && name !== '..'
}

/** Whether a path suits a card: Windows must be able to check it out, and it must not start a workflow command (`##`). */
export function isCardPath(path: string): boolean {
  const segments = path.split('/')
  return (
    path.length <= 255 &&
    path.endsWith('.svg') &&
    !/[\p{C}\\:*?"<>|#]/u.test(path) &&
    segments.every(
      segment =>
        !/^(?:\.{0,2}|\.git|git~\d|(?:con|prn|aux|nul|(?:com|lpt)[\d¹²³])(?:\..*)?|\s.*|.*[\s.])$/i.test(segment)
    )
  )
}

/** Whether `git check-ref-format --branch` allows the name, and it can't be the name of anything else, such as a tag. */
export function isBranchName(name: string): boolean {
  return (
    name.length <= 200 &&
    !/[\p{Cc}\p{Cf}\p{Cs} ~^:?*[\\]|\.\.|@\{/u.test(name) &&
    !/^-|^@$|^HEAD$|^refs\/|\.$/.test(name) &&
    name.split('/').every(part => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'))
  )
}
