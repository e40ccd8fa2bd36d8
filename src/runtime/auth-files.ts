/** Certificates and keys that middlewares of authentication name are read and checked here. */
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
