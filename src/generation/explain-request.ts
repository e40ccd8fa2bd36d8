import { isIP } from 'node:net'
import { textToBytes } from '../std/utf8.ts'
import type { ExplainRequest } from './explanation.ts'

const method = /^[A-Za-z][A-Za-z0-9-]*$/

/** A request from a method (GET when there is none) and an absolute URL; the text says what is wrong. Header fields are UTF-8. */
export function readRequest(
  words: readonly string[],
  headers: readonly (readonly [string, string])[],
  client: string,
  entryPoint: string,
): ExplainRequest | string {
  const [first = '', second] = words.filter((word) => word !== '')
  const [verb, url] = second === undefined ? ['GET', first] : [first, second]
  if (!method.test(verb)) return `${verb} is no method`
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return `${url === '' ? 'nothing' : url} is not an absolute http or https URL`
  if (client !== '' && isIP(client) === 0) return `${client} is no IP address`
  for (const [name, value] of headers) {
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) return `${name} is no name of a header field`
    if (/[\r\n\0]/.test(value)) return `the value of ${name} has a line end in it`
  }
  return {
    method: verb,
    url: textToBytes(url),
    headers: headers.map(([name, value]) => [name, textToBytes(value)] as const),
    client: client === '' ? '127.0.0.1' : client,
    entryPoint,
  }
}
