// Owns a git server over TLS: git's own http-backend behind a certificate of the sandbox, with what a test stages in front of it. Knows no card.

import { spawn } from 'node:child_process'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { Certificate } from '../../sandbox/certificates.ts'
import { listen } from '../../sandbox/loopback.ts'

/** One request as it came. */
export interface GitRequest {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly authorization: string | undefined
}

export interface GitServer {
  /** `https://localhost:PORT` */
  readonly url: string
  readonly requests: GitRequest[]
  /** How many bytes were sent in bodies. */
  readonly sentBytes: () => number
  /** Answers in the place of git; true when it did. */
  stage: ((request: GitRequest, response: ServerResponse) => boolean) | undefined
  stop(): Promise<void>
}

/**
 * Serves the bare repositories below a folder, for reading and pushing. Wants credentials for both, as a private repository does.
 *
 * @param root the folder
 */
export async function startGitServer(root: string, certificate: Certificate): Promise<GitServer> {
  let sent = 0
  const requests: GitRequest[] = []
  const server = createServer({ key: certificate.key, cert: certificate.cert }, (incoming, response) => {
    const request = {
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      authorization: incoming.headers.authorization
    }
    requests.push(request)
    if (gitServer.stage?.(request, response) === true) {
      incoming.resume()
    } else if (request.authorization === undefined) {
      incoming.resume()
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()
    } else {
      serve(root, incoming, response, bytes => (sent += bytes))
    }
  })
  const listener = await listen(server)
  const gitServer: GitServer = {
    url: `https://localhost:${listener.port}`,
    requests,
    sentBytes: () => sent,
    stage: undefined,
    stop: () => listener.stop()
  }
  return gitServer
}

/** Hands a request to git by CGI (RFC 3875). */
function serve(
  root: string,
  incoming: IncomingMessage,
  response: ServerResponse,
  count: (bytes: number) => void
): void {
  const [path = '', query = ''] = (incoming.url ?? '').split('?')
  const { headers } = incoming
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_COUNT: '2',
      GIT_CONFIG_KEY_0: 'http.receivepack',
      GIT_CONFIG_VALUE_0: 'true',
      GIT_CONFIG_KEY_1: 'uploadpack.allowFilter',
      GIT_CONFIG_VALUE_1: 'true',
      REQUEST_METHOD: incoming.method ?? 'GET',
      PATH_INFO: path,
      QUERY_STRING: query,
      CONTENT_TYPE: headers['content-type'] ?? '',
      ...(headers['content-length'] === undefined ? {} : { CONTENT_LENGTH: headers['content-length'] }),
      ...(headers['content-encoding'] === undefined ? {} : { HTTP_CONTENT_ENCODING: headers['content-encoding'] }),
      ...(headers['git-protocol'] === undefined ? {} : { GIT_PROTOCOL: String(headers['git-protocol']) }),
      REMOTE_USER: 'x-access-token',
      REMOTE_ADDR: '127.0.0.1'
    },
    stdio: ['pipe', 'pipe', 'ignore']
  })
  incoming.pipe(child.stdin)
  child.stdin.on('error', () => undefined)
  let head: Buffer | undefined = Buffer.alloc(0)
  child.stdout.on('data', (chunk: Buffer) => {
    if (head === undefined) {
      count(chunk.length)
      response.write(chunk)
      return
    }
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    const lines = head
      .subarray(0, end)
      .toString()
      .split('\r\n')
      .map(line => /^([^:]+): ?(.*)$/.exec(line))
    const given = Object.fromEntries(lines.map(line => [line?.[1] ?? '', line?.[2] ?? '']))
    const { Status: status = '200', ...others } = given
    response.writeHead(Number.parseInt(status, 10), others)
    const body = head.subarray(end + 4)
    count(body.length)
    response.write(body)
    head = undefined
  })
  child.on('close', () => response.end())
}
