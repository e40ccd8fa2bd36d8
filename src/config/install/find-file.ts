/** Where an install file is looked for: the places of Traefik, `tidegate.*` before `traefik.*` in each. */
import { resolve } from 'node:path'

/** Reads a file as text; undefined when there is none. Other failures throw. */
export type ReadFile = (path: string) => string | undefined

/** An install file that was found. */
export interface InstallFile {
  readonly path: string
  readonly text: string
}

const extensions = ['toml', 'yaml', 'yml', 'json']

/** The paths that are tried, in order, when no file is named. */
export function installFileCandidates(env: Readonly<Record<string, string | undefined>>, cwd: string): string[] {
  const folders: { readonly folder: string; readonly names: readonly string[] }[] = [
    { folder: '/etc/tidegate', names: ['tidegate'] },
    { folder: '/etc/traefik', names: ['tidegate', 'traefik'] },
  ]
  const { XDG_CONFIG_HOME: xdg, HOME: home } = env
  if (xdg !== undefined && xdg !== '') folders.push({ folder: xdg, names: ['tidegate', 'traefik'] })
  if (home !== undefined && home !== '') folders.push({ folder: `${home}/.config`, names: ['tidegate', 'traefik'] })
  folders.push({ folder: cwd, names: ['tidegate', 'traefik'] })
  return folders.flatMap(({ folder, names }) =>
    names.flatMap((name) => extensions.map((extension) => resolve(cwd, folder, `${name}.${extension}`))),
  )
}

/** Finds the install file: the one that is named, or else the first candidate that exists. */
export function findInstallFile(
  named: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
  readFile: ReadFile,
): InstallFile | undefined {
  const candidates = installFileCandidates(env, cwd)
  if (named !== undefined && named !== '') candidates.unshift(resolve(cwd, named))
  for (const path of candidates) {
    const text = readFile(path)
    if (text !== undefined) return { path, text }
  }
  return undefined
}
