/** Certificates and keys that middlewares of authentication name are read here, and checked. */
import { createSecureContext } from 'node:tls'
import type { ReadFile } from './file-content.ts'
import { contentOf } from './file-content.ts'
import type { ReadFiles } from './middlewares.ts'

interface ClientTls {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/** Options of forwardAuth with its certificates in the place of the files' names. */
export function readForwardAuthFiles(options: unknown, readFile: ReadFile): ReturnType<ReadFiles> {
  if (!hasTls(options)) return { options }
  const { tls } = options
  const read = { ca: contentOf(tls.ca, readFile), cert: contentOf(tls.cert, readFile), key: contentOf(tls.key, readFile) }
  const problem = problemOf(read)
  if (problem !== undefined) return { error: `unable to create client TLS configuration: ${problem}` }
  return { options: { ...options, tls: { ...tls, ...read } } }
}

/** Options with the lines of `keysFile` in front of `keys`. */
export function readKeysFile(kind: string, options: unknown, readFile: ReadFile): ReturnType<ReadFiles> {
  if (!hasKeys(options) || options.keysFile === '') return { options }
  const text = readFile(options.keysFile)
  if (text === undefined) return { error: `${kind}.keysFile: cannot read ${options.keysFile}` }
  const lines = text.split('\n').map((line) => line.trim())
  const keys = lines.filter((line) => line !== '' && !line.startsWith('#'))
  return { options: { ...options, keys: [...keys, ...options.keys] } }
}

function hasKeys(options: unknown): options is { readonly keysFile: string; readonly keys: readonly string[] } {
  return (
    typeof options === 'object' && options !== null && 'keysFile' in options && typeof options.keysFile === 'string' && 'keys' in options
  )
}

function problemOf({ ca, cert, key }: ClientTls): string | undefined {
  if (ca !== '' && !ca.includes('-----BEGIN CERTIFICATE')) return 'tls.ca is neither a readable file nor a PEM text'
  if ((cert === '') !== (key === '')) return 'tls.cert and tls.key are needed together'
  try {
    createSecureContext({ ...(ca === '' ? {} : { ca }), ...(cert === '' ? {} : { cert, key }) })
    return undefined
  } catch (error) {
    // OpenSSL names what it could not read, and shows nothing of it.
    return error instanceof Error ? error.message : String(error)
  }
}

function hasTls(options: unknown): options is { readonly tls: ClientTls } {
  return typeof options === 'object' && options !== null && 'tls' in options && typeof options.tls === 'object' && options.tls !== null
}
