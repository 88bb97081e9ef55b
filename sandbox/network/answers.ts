// Defines the responses that a test can stage on a server: valid ones, and every kind of failure.

import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { doom, reset } from './connections.ts'
import { ignore } from './ignore.ts'

/** Answers one request: writes to the response, or plays with its socket. The base path is cut off `request.url`. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** An object is sent as JSON; a string or bytes as they are, without a content type unless given. */
export function answer(status: number, body?: unknown, headers: OutgoingHttpHeaders = {}): Answer {
  const asIs = body === undefined || typeof body === 'string' || Buffer.isBuffer(body)
  const bytes = asIs ? Buffer.from(body ?? '') : Buffer.from(JSON.stringify(body))
  return (_request, response) => {
    response.writeHead(status, {
      ...(asIs ? {} : { 'content-type': 'application/json; charset=utf-8' }),
      'content-length': bytes.length,
      ...headers
    })
    response.end(bytes)
  }
}

export function redirect(status: number, location: string): Answer {
  return answer(status, '', { location })
}

/** A captive portal: a page where JSON was expected. */
export function html(status = 200): Answer {
  return answer(status, '<!DOCTYPE html><html><head><title>Sign in</title></head><body>Welcome</body></html>', {
    'content-type': 'text/html; charset=utf-8'
  })
}

/** JSON that breaks off, in a body that is complete by HTTP's count. */
export function truncatedJson(status = 200): Answer {
  return answer(status, '{"id":1001,"login":"Mo', { 'content-type': 'application/json; charset=utf-8' })
}

/** Arrays in arrays, `depth` deep. */
export function deeplyNestedJson(depth: number, status = 200): Answer {
  return answer(status, '['.repeat(depth) + ']'.repeat(depth), { 'content-type': 'application/json; charset=utf-8' })
}

/** The connection is reset (RST) with no byte answered. */
export function resetBeforeAnswer(): Answer {
  return request => {
    reset(request.socket)
  }
}

/** The connection is reset (RST) after a part of the body. */
export function resetMidBody(status = 200): Answer {
  return async (request, response) => {
    await sendPart(response, status)
    // A reset throws away what the client has not read yet; the part is to arrive first.
    await sleep(30)
    reset(request.socket)
  }
}

/** The connection is closed (FIN) after a part of the body. */
export function closeMidBody(status = 200): Answer {
  return async (request, response) => {
    await sendPart(response, status)
    request.socket.end()
  }
}

/** The connection is closed (FIN) with no byte answered. */
export function closeBeforeAnswer(): Answer {
  return request => {
    request.socket.end()
  }
}

/** Never answers. */
export function hang(): Answer {
  return ignore
}

/** Headers at once, then a byte of the body every so often, for ever. */
export function drip(intervalMs: number, status = 200): Answer {
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
    response.write(' ')
    const timer = setInterval(() => response.write(' '), intervalMs)
    response.on('close', () => {
      clearInterval(timer)
    })
  }
}

/** A body without end, as fast as the client reads. */
export function endless(status = 200): Answer {
  const chunk = Buffer.alloc(65_536, 'x')
  return (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
    const pour = (): void => {
      while (!response.destroyed && response.write(chunk));
    }
    response.on('drain', pour)
    response.write('{"login":"')
    pour()
  }
}

/** Writes bytes to the connection as they are, status line and all, and closes it. */
export function raw(bytes: string | Buffer): Answer {
  return request => {
    request.socket.end(typeof bytes === 'string' ? Buffer.from(bytes, 'utf8') : bytes)
  }
}

/** Each answer once and in turn, then the last one for ever. */
export function inTurn(...answers: [Answer, ...Answer[]]): Answer {
  let next = 0
  return (request, response) => (answers[next++] ?? answers.at(-1) ?? answers[0])(request, response)
}

/** Answers, but later. */
export function after(milliseconds: number, then: Answer): Answer {
  return async (request, response) => {
    await sleep(milliseconds, undefined, { ref: false })
    await then(request, response)
  }
}

/** Answers and says that the connection closes. */
export function closeAfter(then: Answer): Answer {
  return (request, response) => {
    response.shouldKeepAlive = false
    return then(request, response)
  }
}

/** Answers as if the connection stayed open, and closes it at once. */
export function hangUpAfter(then: Answer): Answer {
  return (request, response) => {
    response.on('finish', () => {
      request.socket.end()
    })
    return then(request, response)
  }
}

/** Answers and keeps the connection open, but resets it when the next request comes on it. */
export function resetNextAfter(then: Answer): Answer {
  return (request, response) => {
    doom(request.socket)
    return then(request, response)
  }
}

/** Does what is asked, but resets the connection instead of answering: the client can't know that it was done. */
export function loseAnswer(then: Answer): Answer {
  return async (request, response) => {
    response.writeHead = () => response
    response.end = () => {
      reset(request.socket)
      return response
    }
    await then(request, response)
  }
}

/** Does something else first, such as a commit by somebody else. */
export function afterDoing(act: () => void, then: Answer): Answer {
  return (request, response) => {
    act()
    return then(request, response)
  }
}

function sendPart(response: ServerResponse, status: number): Promise<void> {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': 1_000 })
  return new Promise(resolve => {
    response.write('{"id":1001,"login":"Mo', () => {
      resolve()
    })
  })
}
