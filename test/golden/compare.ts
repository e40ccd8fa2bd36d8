/** How results are compared with what was recorded, and differences put into words. */
import type { Case, Json, Result } from './format.ts'
import { jsonText } from './json.ts'

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The lines of a text, without an empty one at the end. */
export function splitLines(text: string): string[] {
  const lines = text.split(/\r\n|\n|\r/)
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/** Values at `a/b/0` paths of a document; null where there is none. */
export function pick(document: Json, paths: readonly string[]): { [path: string]: Json } {
  const out: { [path: string]: Json } = {}
  for (const path of paths) {
    let value: Json = document
    for (const key of path.split('/')) {
      if (Array.isArray(value) && /^\d+$/.test(key)) value = value[Number(key)] ?? null
      else value = isObject(value) && Object.hasOwn(value, key) ? (value[key] ?? null) : null
    }
    out[path] = value
  }
  return out
}

/** Results without the parts that the case calls loose. */
export function comparable(testCase: Case, results: readonly Result[]): Result[] {
  const ignored = new Set((testCase.ignoreHeaders ?? []).map((name) => name.toLowerCase()))
  const withoutIgnored = (holder: { [key: string]: Json }): void => {
    const { headers } = holder
    if (Array.isArray(headers))
      holder['headers'] = headers.filter((header) => !(Array.isArray(header) && typeof header[0] === 'string' && ignored.has(header[0])))
  }
  return structuredClone(results).map((result) => {
    for (const part of testCase.loose ?? []) delete result[part]
    withoutIgnored(result)
    const { seen } = result
    for (const each of Array.isArray(seen) ? seen : []) {
      if (!isObject(each)) continue
      for (const part of testCase.looseSeen ?? []) delete each[part]
      withoutIgnored(each)
    }
    return result
  })
}

function short(value: Json, length: number): string {
  return jsonText(value).slice(0, length)
}

function kindOf(value: Json): string {
  return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value
}

/** Readable differences, what is expected against what came. */
export function differences(expected: Json, got: Json, path = ''): string[] {
  if (kindOf(expected) !== kindOf(got)) return [`${path}: expected ${short(expected, 160)}, got ${short(got, 160)}`]
  if (isObject(expected) && isObject(got)) return objectDifferences(expected, got, path)
  if (Array.isArray(expected) && Array.isArray(got)) return arrayDifferences(expected, got, path)
  return expected === got ? [] : [`${path}: expected ${short(expected, 200)}, got ${short(got, 200)}`]
}

function objectDifferences(expected: { [key: string]: Json }, got: { [key: string]: Json }, path: string): string[] {
  return Object.keys({ ...expected, ...got }).flatMap((key) => {
    const [wanted, found] = [expected[key], got[key]]
    if (wanted === undefined) return [`${path}.${key}: unexpected ${short(found ?? null, 160)}`]
    if (found === undefined) return [`${path}.${key}: missing, expected ${short(wanted, 160)}`]
    return differences(wanted, found, `${path}.${key}`)
  })
}

function arrayDifferences(expected: Json[], got: Json[], path: string): string[] {
  if (path.endsWith('headers')) return headerDifferences(expected, got, path)
  if (expected.length !== got.length) {
    return [`${path}: expected ${expected.length} entries ${short(expected, 120)}, got ${got.length} ${short(got, 120)}`]
  }
  return expected.flatMap((each, i) => differences(each, got[i] ?? null, `${path}[${i}]`))
}

function headerDifferences(expected: Json[], got: Json[], path: string): string[] {
  const [wanted, found] = [expected.map((header) => jsonText(header)), got.map((header) => jsonText(header))]
  const list = [
    ...wanted.filter((header) => !found.includes(header)).map((header) => `${path}: missing ${header}`),
    ...found.filter((header) => !wanted.includes(header)).map((header) => `${path}: unexpected ${header}`),
  ]
  if (list.length === 0 && wanted.join() !== found.join()) list.push(`${path}: order or count of values differs`)
  return list
}

/** Whether a result is a crash or silence where the recording has an answer: never better than what was recorded. */
export function isSilent(expected: readonly Result[], got: readonly Result[]): boolean {
  return got.some((result, i) => ['error', 'timeout', 'failed'].some((part) => part in result && !(part in (expected[i] ?? {}))))
}
