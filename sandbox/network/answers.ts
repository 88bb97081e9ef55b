// Defines the responses that a test can stage on a server: valid ones, and every kind of failure.

import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { doom, reset } from './connections.ts'
import { ignore } from './ignore.ts'

/** Responds to one request: writes the response, or breaks the connection. `request.url` doesn't contain the base path. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** Sends an object as JSON, and a string or bytes unchanged, by default without a content type. */
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

/** Truncated JSON in a body of the correct length. */
export function truncatedJson(status = 200): Answer {
  return answer(status, '{"id":1001,"login":"Mo', { 'content-type': 'application/json; charset=utf-8' })
}

/** Nested arrays, `depth` levels deep. */
export function deeplyNestedJson(depth: number, status = 200): Answer {
  return answer(status, '['.repeat(depth) + ']'.repeat(depth), { 'content-type': 'application/json; charset=utf-8' })
}

/** Resets the connection (RST) before the response. */
export function resetBeforeAnswer(): Answer {
  return request => {
    reset(request.socket)
  }
}

/** Resets the connection (RST) in the middle of the body. */
export function resetMidBody(status = 200): Answer {
  return async (request, response) => {
    await sendPart(response, status)
    // A reset discards what the client hasn't read yet, but the first part must arrive.
    await sleep(30)
    reset(request.socket)
  }
}

/** Closes the connection (FIN) in the middle of the body. */
export function closeMidBody(status = 200): Answer {
  return async (request, response) => {
    await sendPart(response, status)
    request.socket.end()
  }
}

/** Closes the connection (FIN) before the response. */
export function closeBeforeAnswer(): Answer {
  return request => {
    request.socket.end()
  }
}

/** Never responds. */
export function hang(): Answer {
  return ignore
}

/** Sends the headers immediately, and then the body byte by byte, forever. */
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

/** Sends an endless body, as fast as the client reads. */
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

/** Writes bytes to the connection, including the status line, and closes it. */
export function raw(bytes: string | Buffer): Answer {
  return request => {
    request.socket.end(typeof bytes === 'string' ? Buffer.from(bytes, 'utf8') : bytes)
  }
}

/** Gives each response once, in order, and then repeats the last one. */
export function inTurn(...answers: [Answer, ...Answer[]]): Answer {
  let next = 0
  return (request, response) => (answers[next++] ?? answers.at(-1) ?? answers[0])(request, response)
}

/** Responds after a delay. */
export function after(milliseconds: number, then: Answer): Answer {
  return async (request, response) => {
    await sleep(milliseconds, undefined, { ref: false })
    await then(request, response)
  }
}

/** Responds, and announces that the connection closes. */
export function closeAfter(then: Answer): Answer {
  return (request, response) => {
    response.shouldKeepAlive = false
    return then(request, response)
  }
}

/** Responds as if the connection stayed open, and then closes it. */
export function hangUpAfter(then: Answer): Answer {
  return (request, response) => {
    response.on('finish', () => {
      request.socket.end()
    })
    return then(request, response)
  }
}

/** Responds and keeps the connection open, but resets it when the next request arrives. */
export function resetNextAfter(then: Answer): Answer {
  return (request, response) => {
    doom(request.socket)
    return then(request, response)
  }
}

/** Processes the request, but resets the connection before the response, so the client can't know the result. */
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

/** Does something else first, such as committing as someone else. */
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
