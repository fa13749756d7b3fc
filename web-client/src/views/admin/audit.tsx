import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { AUDIT_ACTIONS, type AuditAction } from '../../../../protocol/audit.ts'
import type { AuditLine } from '../../../../protocol/http/administration.ts'
import { isUserId } from '../../../../protocol/ids.ts'
import type { Administration } from '../../state/administration.ts'
import { createPages } from '../../state/pages.ts'
import { fullTime, momentName, shortDate } from '../../ui/times.ts'
import { useConstant } from '../../ui/use-constant.ts'
import { SectionTitle } from '../section-title.tsx'
import { ChoiceField, SearchField } from './filter-field.tsx'
import { PagesNote } from './pages-note.tsx'

const WAIT_MS = 250
const nameOf = (action: string): string => `${action.charAt(0).toUpperCase()}${action.slice(1).replaceAll('-', ' ')}`
const ACTIONS: readonly (readonly [AuditAction | 'all', string])[] = [
  ['all', 'Everything'],
  ...AUDIT_ACTIONS.map((action) => [action, nameOf(action)] as const),
]

/** Who did what, the latest first. */
export function Audit({ administration }: { administration: Administration }) {
  const person = useSignal('')
  const action = useSignal<AuditAction | 'all'>('all')
  const lines = useConstant(() =>
    createPages<AuditLine>((last) => {
      const user = person.peek().trim().toLowerCase()
      const wanted = action.peek()
      return administration.audit({
        action: wanted === 'all' ? undefined : wanted,
        user: isUserId(user) ? user : '',
        before: last?.id,
      })
    }),
  )
  const text = person.value.trim()
  const wanted = action.value
  useEffect(() => {
    const timer = setTimeout(lines.load, text === '' ? 0 : WAIT_MS)
    return () => clearTimeout(timer)
  }, [text, wanted, lines])
  return (
    <section class="section" aria-labelledby="audit-title">
      <SectionTitle id="audit-title">Audit log</SectionTitle>
      <p class="muted">Nothing of it can be changed or deleted.</p>
      <SearchField
        label="By or about"
        placeholder="A user name"
        value={person.value}
        onText={(value) => {
          person.value = value
        }}
      />
      <ChoiceField
        label="What"
        value={wanted}
        options={ACTIONS}
        onChoice={(value) => {
          action.value = value
        }}
      />
      <ul class="rows" aria-label="Audit log" aria-busy={lines.loading.value}>
        {lines.items.value?.map((line) => (
          <li key={line.id} class="row">
            <div class="row-main">
              <div class="row-title">{nameOf(line.action)}</div>
              <div class="row-line">{describe(line)}</div>
            </div>
            <time class="row-line" dateTime={new Date(line.at).toISOString()} title={fullTime(line.at)}>
              {momentName(line.at, Date.now())}
            </time>
          </li>
        ))}
      </ul>
      <PagesNote pages={lines} none="Nothing matches." />
    </section>
  )
}

/** Times among the details are moments, not counts. */
const detail = (name: string, value: string | number | boolean): string =>
  typeof value === 'number' && /^(until|expiresAt)$/.test(name) ? shortDate(value) : String(value)

const person = (user: string): string => (user === 'gone' ? 'somebody who is gone' : `@${user}`)

function describe({ actor, subject, room, details }: AuditLine): string {
  return [
    `by ${actor === undefined ? (subject === undefined ? 'the operator' : 'nobody signed in') : person(actor)}`,
    ...(subject === undefined || subject === actor ? [] : [`on ${person(subject)}`]),
    ...(room === undefined ? [] : [`room ${room}`]),
    ...Object.entries(details ?? {}).map(([name, value]) => `${name}: ${detail(name, value)}`),
  ].join(' · ')
}
