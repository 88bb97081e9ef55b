// Makes environment variables available by name on every platform, and decides which names a token can be exported under.

/** The environment variables of the process. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Makes environment variables available by their usual names. Windows ignores letter case, so there all names become uppercase.
 *
 * @param platform `process.platform`
 */
export function foldNames(environment: Environment, platform: string): Environment {
  if (platform !== 'win32') return environment
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name.toUpperCase(), value]))
}

/** Says why a token can't be exported under a name; undefined if it can. */
export function faultOfExportName(name: string): 'not-a-name' | 'reserved' | undefined {
  if (!/^[A-Za-z_]\w*$/.test(name)) return 'not-a-name'
  // Names are compared without letter case, as Windows does.
  const upper = name.toUpperCase()
  const isReserved = RESERVED_NAMES.has(upper) || RESERVED_PREFIXES.some(prefix => upper.startsWith(prefix))
  return isReserved ? 'reserved' : undefined
}

/** A token in one of these variables would change how the runner, a shell, or a program works. */
const RESERVED_PREFIXES = [
  ...['GITHUB_', 'RUNNER_', 'ACTIONS_', 'INPUT_', 'STATE_', 'NODE_', 'NPM_', 'LD_', 'DYLD_', 'GIT_', 'BASH_FUNC_'],
  ...['LC_', 'PYTHON_', 'SSL_', 'DOTNET_', 'COMPLUS_']
]

const RESERVED_NAMES: ReadonlySet<string> = new Set([
  ...['PATH', 'HOME', 'CI', 'SHELL', 'BASH_ENV', 'ENV', 'IFS', 'PWD', 'OLDPWD', 'USER', 'LOGNAME', 'TERM', 'LANG'],
  ...['TMP', 'TEMP', 'TMPDIR', 'CDPATH', 'GLOBIGNORE', 'BASHOPTS', 'SHELLOPTS', 'PROMPT_COMMAND', 'PS4', 'TZ'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'ALL_PROXY', 'EDITOR', 'VISUAL', 'PAGER', 'BROWSER', 'OPENSSL_CONF'],
  ...['PYTHONPATH', 'PYTHONHOME', 'PYTHONSTARTUP', 'PERL5LIB', 'PERL5OPT', 'RUBYLIB', 'RUBYOPT', 'CLASSPATH'],
  ...['JAVA_TOOL_OPTIONS', '_JAVA_OPTIONS', 'JDK_JAVA_OPTIONS', 'JAVA_HOME', 'GOFLAGS', 'RUSTFLAGS', 'MAKEFLAGS'],
  ...['COMSPEC', 'PATHEXT', 'SYSTEMROOT', 'SYSTEMDRIVE', 'WINDIR', 'USERPROFILE', 'APPDATA', 'LOCALAPPDATA'],
  ...['PSMODULEPATH', 'HOSTNAME', 'VAUNT_PAT']
])
