/** Opens files below a root, and nothing else: what is opened is looked at once more before it is used. */
import { type BigIntStats, close, constants, fstat, open, realpath, stat } from 'node:fs'
import { sep } from 'node:path'
import { promisify } from 'node:util'

const openFile = promisify(open)
const closeFile = promisify(close)
const realPathOf = promisify(realpath.native)
const statOf = (path: string): Promise<BigIntStats> => promisify(stat)(path, { bigint: true })
const statOfOpen = (file: number): Promise<BigIntStats> => promisify(fstat)(file, { bigint: true })

/** Which symbolic links are followed. */
export type LinkRule = 'inside' | 'never' | 'anywhere'

/** An open file; whoever has it closes it. */
export interface OpenFile {
  readonly descriptor: number
  readonly size: number
  readonly modifiedMs: number
  /** Tells this content from any other of the same name. */
  readonly signature: string
}

/** What is found at a path: a file, a folder, or nothing that may be sent. */
export type Found = OpenFile | 'folder' | null

/** Opens without waiting for a writer where the file is a pipe. */
const openFlags = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY

/** Opens a file by the names of its folders below `root`. Rejects only with what is wrong with the system, such as too many open files. */
export async function openBelow(root: string, names: readonly string[], links: LinkRule): Promise<Found> {
  const path = [root, ...names].join(sep)
  const descriptor = await openOrNothing(path)
  if (descriptor === null) return null
  let found: Found = null
  try {
    const facts = await statOfOpen(descriptor)
    if (!(await isAllowed(path, { root, names, links, facts }))) return null
    if (facts.isDirectory()) return 'folder'
    if (!facts.isFile()) return null
    found = {
      descriptor,
      size: Number(facts.size),
      modifiedMs: Number(facts.mtimeMs),
      signature: `${facts.mtimeNs.toString(36)}-${facts.size.toString(36)}`,
    }
    return found
  } finally {
    if (found === null) await closeFile(descriptor)
  }
}

/** Closes a file that is not wanted. */
export function closeQuietly(file: OpenFile): void {
  close(file.descriptor, () => {})
}

async function openOrNothing(path: string): Promise<number | null> {
  try {
    return await openFile(path, openFlags)
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP', 'ENAMETOOLONG', 'ENXIO', 'ENODEV', 'EINVAL', 'EISDIR'].includes(code)) return null
    throw cause
  }
}

/** Whether links on the way are as the rule says. The place is looked up after opening, and must be that of what was opened. */
async function isAllowed(
  path: string,
  { root, names, links, facts }: { root: string; names: readonly string[]; links: LinkRule; facts: BigIntStats },
): Promise<boolean> {
  if (links === 'anywhere') return true
  try {
    const [realRoot, real] = await Promise.all([realPathOf(root), realPathOf(path)])
    const wanted = [realRoot === sep ? '' : realRoot, ...names.filter((name) => name !== '')].join(sep)
    if (links === 'never' && real !== wanted && real !== realRoot) return false
    if (real !== realRoot && !real.startsWith(realRoot.endsWith(sep) ? realRoot : realRoot + sep)) return false
    const now = await statOf(real)
    return now.dev === facts.dev && now.ino === facts.ino
  } catch {
    return false
  }
}
