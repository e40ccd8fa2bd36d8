/** Checks of header fields that options give. */

/** Fields that frame a message or belong to one connection: no option may set them. */
const framing: ReadonlySet<string> = new Set([
  'content-length',
  'transfer-encoding',
  'connection',
  'keep-alive',
  'upgrade',
  'trailer',
  'te',
])

/** What is wrong with header fields that an option adds; undefined when nothing is. */
export function headerProblem(place: string, fields: Readonly<Record<string, string>>): string | undefined {
  for (const [name, value] of Object.entries(fields)) {
    if (!isFieldName(name)) return `${place}: ${JSON.stringify(name)} is no name of a header field`
    if (framing.has(name.toLowerCase())) return `${place}: ${name} is set by the protocol alone`
    if (/[\0-\x08\x0a-\x1f\x7f]/.test(value)) return `${place}.${name}: control characters cannot be part of a header field`
  }
  return undefined
}

/** Whether a text may be a field's name (RFC 9110 §5.1). */
export function isFieldName(text: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(text)
}
