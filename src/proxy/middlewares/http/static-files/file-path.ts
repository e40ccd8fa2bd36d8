/** From the path of a request to the names of folders and file below a root. */

/** Longest name, in bytes: file systems take none that is longer. */
const nameLengthMax = 255
/** Most names in a path. */
const namesMax = 64

/**
 * The names that a canonical path stands for, decoded; null when it can stand for no file. An encoded slash, a backslash, a NUL, `.` and `..` are never part of a
 * name, whatever a file system would make of them, and names beginning with a dot only where they are wanted. An empty last name asks for a folder.
 */
export function fileNames(path: string, takesDotFiles: boolean): readonly string[] | null {
  const segments = path.split('/')
  if (segments[0] !== '' || segments.length > namesMax + 1) return null
  const names: string[] = []
  for (let index = 1; index < segments.length; index += 1) {
    const segment = segments[index] ?? ''
    // `//` is no folder without a name; only the end may be empty.
    if (segment === '' && index < segments.length - 1) return null
    const name = decodeName(segment)
    if (name === null || (name.startsWith('.') && !takesDotFiles && name !== '.well-known')) return null
    names.push(name)
  }
  return names
}

function decodeName(segment: string): string | null {
  let name = segment
  try {
    // Bytes of UTF-8, escaped or not.
    name = decodeURIComponent(escapeBytes(segment))
  } catch {
    return null
  }
  if (name === '.' || name === '..' || /[\0/\\]/.test(name) || Buffer.byteLength(name) > nameLengthMax) return null
  return name
}

/** Requests hold bytes, one to a character; those beyond ASCII are escaped so that they are read as UTF-8. */
function escapeBytes(segment: string): string {
  return segment.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`)
}
