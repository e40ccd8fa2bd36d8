/** Files that middlewares name are read here, before a generation is published: workers never read files of options per request. */
import { readForwardAuthFiles, readKeysFile } from './auth-files.ts'
import { contentOf, type ReadFile } from './file-content.ts'
import type { ReadFiles } from './middlewares.ts'

/** The option of a kind that names a file whose text stands in another option. */
const textFiles: Readonly<Record<string, string>> = { directResponse: 'body', maintenance: 'page' }

/** Options after the files that they name have been read: lists of users, certificates, texts of answers. */
export function readMiddlewareFiles(kind: string, options: unknown, readFile: ReadFile): ReturnType<ReadFiles> {
  if (kind === 'forwardAuth') return readForwardAuthFiles(options, readFile)
  if (kind === 'errors') return { options: withContents(options, 'pages', readFile) }
  if (kind === 'rateLimit') return { options: withRedisFiles(options, readFile) }
  if (kind === 'apiKey' || kind === 'hmac') return readKeysFile(kind, options, readFile)
  const target = textFiles[kind]
  return target === undefined ? inlineUsersFile(kind, options, readFile) : inlineTextFile(kind, options, { target, read: readFile })
}

/** Puts the lines of `usersFile` in front of `users`, so that an entry of the latter wins over one of the same name in the file. */
export function inlineUsersFile(_kind: string, options: unknown, readFile: ReadFile): ReturnType<ReadFiles> {
  if (!hasUsers(options) || options.usersFile === '') return { options }
  const text = readFile(options.usersFile)
  if (text === undefined) return { error: `error reading usersFile ${options.usersFile}` }
  const lines = text.split('\n').map((line) => line.trim())
  const users = lines.filter((line) => line !== '' && !line.startsWith('#'))
  return { options: { ...options, users: [...users, ...options.users] } }
}

/** Puts the text of `file` in the place of the option that it stands for. */
function inlineTextFile(
  kind: string,
  options: unknown,
  { target, read }: { readonly target: string; readonly read: ReadFile },
): ReturnType<ReadFiles> {
  if (!hasFile(options) || options.file === '') return { options }
  const text = read(options.file)
  return text === undefined ? { error: `${kind}.file: cannot read ${options.file}` } : { options: { ...options, [target]: text } }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function hasFile(options: unknown): options is { file: string } {
  return isRecord(options) && typeof options['file'] === 'string'
}

function hasUsers(options: unknown): options is { usersFile: string; users: string[] } {
  return isRecord(options) && typeof options['usersFile'] === 'string' && 'users' in options
}

/** Options whose texts in `key` may be names of files, with what is in those files. Lines are no names: they are the text itself. */
function withContents(options: unknown, key: string, readFile: ReadFile): unknown {
  if (!isRecord(options)) return options
  const texts = options[key]
  if (!isRecord(texts)) return options
  const contents = Object.entries(texts).map(([name, text]) => {
    const isName = typeof text === 'string' && text !== '' && !/[\n<{]/.test(text)
    return [name, isName ? contentOf(text, readFile) : text]
  })
  return { ...options, [key]: Object.fromEntries(contents) }
}

function withRedisFiles(options: unknown, readFile: ReadFile): unknown {
  return isRecord(options) && isRecord(options['redis']) ? { ...options, redis: withContents(options['redis'], 'tls', readFile) } : options
}
