/** Answers of the API. */
import { stringifyJson } from '../config/schema/encode.ts'
import type { ControlResponse } from '../generation/messages.ts'

type Headers = ControlResponse['headers']

/** A value as JSON; bigints stay exact. */
export function json(value: unknown, contentType = 'application/json', headers: Headers = []): ControlResponse {
  return { status: 200, headers: [['Content-Type', contentType], ...headers], body: `${stringifyJson(value)}\n` }
}

/** An error as JSON that is declared as text, as Traefik's API does. */
export function jsonError(status: number, message: string): ControlResponse {
  return textError(status, stringifyJson({ message }))
}

/** An error as a line of text. */
export function textError(status: number, text: string): ControlResponse {
  const headers: Headers = [
    ['Content-Type', 'text/plain; charset=utf-8'],
    ['X-Content-Type-Options', 'nosniff'],
  ]
  return { status, headers, body: `${text}\n` }
}

/** 404 as for a request that no router takes. */
export function notFound(): ControlResponse {
  return textError(404, '404 page not found')
}

/** 405 without a body. */
export function methodNotAllowed(): ControlResponse {
  return { status: 405, headers: [], body: '' }
}
