/** Times as people read them, in the language of the page's reader. Formatters are made once: making one is slow. */
const locale = (): string[] => [...navigator.languages]
const formatters = new Map<string, Intl.DateTimeFormat>()

function format(at: number, options: Intl.DateTimeFormatOptions): string {
  const key = JSON.stringify(options)
  let formatter = formatters.get(key)
  if (!formatter) {
    formatter = new Intl.DateTimeFormat(locale(), options)
    formatters.set(key, formatter)
  }
  return formatter.format(at)
}

const startOfDay = (at: number): number => new Date(at).setHours(0, 0, 0, 0)
/** Whole local days between two moments, whatever the clock change. */
const daysBetween = (at: number, now: number): number => Math.round((startOfDay(now) - startOfDay(at)) / 86_400_000)

export const clockTime = (at: number): string => format(at, { hour: '2-digit', minute: '2-digit' })
/** What a clock on the wall of another place shows. */
export const timeIn = (at: number, timeZone: string): string =>
  format(at, { hour: '2-digit', minute: '2-digit', timeZone })
export const fullTime = (at: number): string => format(at, { dateStyle: 'full', timeStyle: 'medium' })
export const shortDate = (at: number): string => format(at, { dateStyle: 'medium' })

/** For a row of a list ([L4]): today the time, then a word, a weekday, a date. */
export function rowTime(at: number, now: number): string {
  const days = daysBetween(at, now)
  if (days <= 0) return clockTime(at)
  if (days === 1) return 'Yesterday'
  return days < 7 ? format(at, { weekday: 'short' }) : format(at, { day: 'numeric', month: 'short' })
}

/** For the line between two days ([R3]). */
export function dayName(at: number, now: number): string {
  const days = daysBetween(at, now)
  if (days === 0) return 'Today'
  if (days === 1) return 'Yesterday'
  if (days === -1) return 'Tomorrow'
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear()
  return format(at, { weekday: 'long', day: 'numeric', month: 'long', ...(!sameYear && { year: 'numeric' }) })
}

/** "today at 14:02", within a sentence. */
export function momentName(at: number, now: number): string {
  const day = Math.abs(daysBetween(at, now)) <= 1 ? dayName(at, now).toLowerCase() : dayName(at, now)
  return `${day} at ${clockTime(at)}`
}
