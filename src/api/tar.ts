/** Archives as `tar` reads them (POSIX.1-1988 ustar), with plain files only. */

/** A file of an archive. */
export interface ArchivedFile {
  /** ASCII, at most 100 characters. */
  readonly name: string
  readonly content: Uint8Array
}

const blockBytes = 512

/** Packs files that only their owner may read. */
export function tarOf(files: readonly ArchivedFile[], modifiedMs: number): Uint8Array {
  const blocks: Uint8Array[] = []
  for (const { name, content } of files) {
    blocks.push(headerOf(name, content.length, modifiedMs), content)
    const rest = content.length % blockBytes
    if (rest > 0) blocks.push(new Uint8Array(blockBytes - rest))
  }
  blocks.push(new Uint8Array(2 * blockBytes))
  return Buffer.concat(blocks)
}

function headerOf(name: string, length: number, modifiedMs: number): Uint8Array {
  const header = Buffer.alloc(blockBytes)
  header.write(name, 0, 100, 'latin1')
  header.write(octal(0o600, 8), 100)
  header.write(octal(0, 8), 108)
  header.write(octal(0, 8), 116)
  header.write(octal(length, 12), 124)
  header.write(octal(Math.floor(modifiedMs / 1000), 12), 136)
  // The sum is made with blanks where it will stand.
  header.write(' '.repeat(8), 148)
  header.write('0', 156)
  header.write('ustar\u000000', 257)
  let sum = 0
  for (const byte of header) sum += byte
  header.write(`${octal(sum, 7)} `, 148)
  return header
}

/** An octal number of `size` bytes with the zero byte behind it. */
function octal(value: number, size: number): string {
  return `${value.toString(8).padStart(size - 1, '0')}\u0000`
}
