/** `tidegate version`. */
import { version } from '../version.ts'

/** Version, runtime and platform, one a line. */
export function versionText(): string {
  const lines = [
    ['Version:', version],
    ['Codename:', 'tidegate'],
    ['Node version:', process.version],
    ['OS/Arch:', `${process.platform}/${process.arch}`],
  ]
  return lines.map(([name = '', value = '']) => `${name.padEnd(14)}${value}`).join('\n')
}
