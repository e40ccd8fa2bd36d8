/** Numbers of the process, under the names that Prometheus' own libraries give them. */
import { readdirSync, readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import type { FamilyInfo, FamilyType } from './families.ts'
import type { Family } from './snapshot.ts'

/** Memory pages of Linux on all machines that Node runs on but those with large ones, where the file says kB anyway. */
const kib = 1024

/** Metrics of the process by name, for the list of all of them. */
export const processFamilies: readonly FamilyInfo[] = [
  info('nodejs_heap_size_total_bytes', 'gauge', 'Memory of the main thread for objects.', 'By'),
  info('nodejs_heap_size_used_bytes', 'gauge', 'Memory of the main thread that objects take.', 'By'),
  info('nodejs_external_memory_bytes', 'gauge', 'Memory of the main thread outside of its heap.', 'By'),
  { ...info('nodejs_version_info', 'gauge', 'Version of Node.', '1'), labels: ['version'] },
  info('process_cpu_seconds_total', 'counter', 'Processor time in user and system mode.', 's'),
  info('process_max_fds', 'gauge', 'Most descriptors that may be open.', '1'),
  info('process_open_fds', 'gauge', 'Descriptors that are open.', '1'),
  info('process_resident_memory_bytes', 'gauge', 'Memory that the process has in RAM.', 'By'),
  info('process_start_time_seconds', 'gauge', 'When the process was started, in seconds since 1970.', 's'),
  info('process_virtual_memory_bytes', 'gauge', 'Address space of the process.', 'By'),
]

/** What they are now; those that this system does not tell are left out. */
export function collectProcess(): Family[] {
  const heap = getHeapStatistics()
  const { user, system } = process.cpuUsage()
  const status = readOrNothing('/proc/self/status')
  const values = new Map<string, number | undefined>([
    ['nodejs_heap_size_total_bytes', heap.total_heap_size],
    ['nodejs_heap_size_used_bytes', heap.used_heap_size],
    ['nodejs_external_memory_bytes', heap.external_memory],
    ['nodejs_version_info', 1],
    ['process_cpu_seconds_total', (user + system) / 1e6],
    ['process_max_fds', maxDescriptors()],
    ['process_open_fds', openDescriptors()],
    ['process_resident_memory_bytes', kilobytes(status, 'VmRSS') ?? process.memoryUsage.rss()],
    ['process_start_time_seconds', performance.timeOrigin / 1000],
    ['process_virtual_memory_bytes', kilobytes(status, 'VmSize')],
  ])
  const found: Family[] = []
  for (const family of processFamilies) {
    const value = values.get(family.name)
    if (value === undefined) continue
    const labels = family.labels.map((label) => [label, process.version] as const)
    found.push({ info: family, samples: [{ labels, value, buckets: null, sum: 0 }] })
  }
  return found
}

function info(name: string, type: FamilyType, help: string, unit: string): FamilyInfo {
  return { name, type, help, group: 'general', labels: [], dotted: '', measurement: '', unit, prometheus: true }
}

function kilobytes(status: string | undefined, field: string): number | undefined {
  const line = status?.split('\n').find((each) => each.startsWith(`${field}:`))
  const found = /\s(\d+) kB/.exec(line ?? '')
  return found === null ? undefined : Number(found[1]) * kib
}

function openDescriptors(): number | undefined {
  try {
    // One of them is that of the listing.
    return readdirSync('/proc/self/fd').length - 1
  } catch {
    return undefined
  }
}

function maxDescriptors(): number | undefined {
  const found = /^Max open files\s+(\d+)/m.exec(readOrNothing('/proc/self/limits') ?? '')
  return found === null ? undefined : Number(found[1])
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
