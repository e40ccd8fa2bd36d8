import { readRequest } from '../generation/explain-request.ts'
import type { ExplainRequest } from '../generation/explanation.ts'

/** Reads the body of `POST /api/explain`; the text says what is wrong with it. */
export function readExplainBody(text: string): ExplainRequest | string {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (cause) {
    return `the body is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return 'the body is not an object'
  const fields = new Map<string, unknown>(Object.entries(body))
  for (const name of fields.keys()) if (!known.includes(name)) return `${name} is unknown (known are ${known.join(', ')})`
  const texts: string[] = []
  for (const name of ['method', 'url', 'client', 'entryPoint']) {
    const value = fields.get(name) ?? ''
    if (typeof value !== 'string') return `${name} is not a text`
    texts.push(value)
  }
  const [method = '', url = '', client = '', entryPoint = ''] = texts
  if (url === '') return 'url is missing'
  const headers = fieldsOf(fields.get('headers') ?? {})
  if (typeof headers === 'string') return headers
  return readRequest([method === '' ? 'GET' : method, url], headers, client, entryPoint)
}

const known = ['method', 'url', 'headers', 'client', 'entryPoint']

function fieldsOf(headers: unknown): [string, string][] | string {
  if (typeof headers !== 'object' || headers === null) return 'headers is not an object of texts or lists of texts'
  const fields: [string, string][] = []
  for (const [name, value] of Object.entries(headers)) {
    const values: unknown[] = Array.isArray(value) ? value : [value]
    for (const each of values) {
      if (typeof each !== 'string') return `headers: the value of ${name} is neither a text nor a list of texts`
      fields.push([name, each])
    }
  }
  return fields
}
