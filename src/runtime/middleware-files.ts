import type { ReadFile } from './file-content.ts'
/** Files that middlewares name are read here, before a generation is published: workers never read files per request. */
import type { ReadFiles } from './middlewares.ts'

/** Puts the lines of `usersFile` in front of `users`, so that an entry of the latter wins over one of the same name in the file. */
export function inlineUsersFile(_kind: string, options: unknown, readFile: ReadFile): ReturnType<ReadFiles> {
  if (!hasUsers(options) || options.usersFile === '') return { options }
  const text = readFile(options.usersFile)
  if (text === undefined) return { error: `error reading usersFile ${options.usersFile}` }
  const lines = text.split('\n').map((line) => line.trim())
  const users = lines.filter((line) => line !== '' && !line.startsWith('#'))
  return { options: { ...options, users: [...users, ...options.users] } }
}

function hasUsers(options: unknown): options is { usersFile: string; users: string[] } {
  return (
    typeof options === 'object' && options !== null && 'usersFile' in options && typeof options.usersFile === 'string' && 'users' in options
  )
}
