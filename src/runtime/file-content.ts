/** Options that hold a text or the name of a file with it. */

/** Reads a file; undefined when there is none by that name. */
export type ReadFile = (path: string) => string | undefined

/** The text that an option stands for; the option itself when it is neither PEM nor the name of a file. */
export function contentOf(entry: string, readFile: ReadFile): string {
  return entry.includes('-----BEGIN') ? entry : (readFile(entry) ?? entry)
}
