/** Files that middlewares name are read here, before a generation is published: workers never read files of options per request. */
import { readForwardAuthFiles } from './auth-files.ts'
import type { ReadFile } from './file-content.ts'
import type { ReadFiles } from './middlewares.ts'

/** Reads what a middleware names. */
export interface FileReaders {
  readonly text: ReadFile
  /** Bytes of a file, in memory that all workers share; an error text when it cannot be read. */
  shared(path: string): SharedArrayBuffer | string
}

/** The option of a kind that names a file whose text stands in another option. */
const textFiles: Readonly<Record<string, string>> = { directResponse: 'body', maintenance: 'page' }

/** Options after the files that they name have been read: lists of users, texts of answers, address databases. */
export function readMiddlewareFiles(kind: string, options: unknown, read: FileReaders): ReturnType<ReadFiles> {
  if (kind === 'geoIp') return readDatabases(options, read)
  if (kind === 'forwardAuth') return readForwardAuthFiles(options, read.text)
  const target = textFiles[kind]
  return target === undefined ? inlineUsersFile(kind, options, read.text) : inlineTextFile(kind, options, { target, read: read.text })
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

/** Puts the address databases beside the names of their files. */
function readDatabases(options: unknown, read: FileReaders): ReturnType<ReadFiles> {
  if (!isRecord(options)) return { options }
  const databases: SharedArrayBuffer[] = []
  for (const option of ['file', 'asnFile']) {
    const path = options[option]
    if (typeof path !== 'string' || path === '') continue
    const database = read.shared(path)
    if (typeof database === 'string') return { error: `geoIp.${option}: ${database}` }
    databases.push(database)
  }
  return { options: { ...options, databases } }
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
