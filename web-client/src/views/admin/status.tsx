import { Fragment } from 'preact'
import { useEffect } from 'preact/hooks'
import type { ServerStatus } from '../../../../protocol/http/administration.ts'
import type { Administration } from '../../state/administration.ts'
import { createResource } from '../../state/resource.ts'
import { momentName } from '../../ui/times.ts'
import { useConstant } from '../../ui/use-constant.ts'
import { ResourceNote } from '../resource-note.tsx'
import { SectionTitle } from '../section-title.tsx'

type Fact = readonly [name: string, value: string | number]

/** The server as a whole. */
export function Status({ administration }: { administration: Administration }) {
  const status = useConstant(() => createResource(administration.status))
  useEffect(() => {
    void status.load()
  }, [status])
  const now = status.value.value
  return (
    <>
      <ResourceNote resource={status} />
      {now && <Facts title="Server" facts={serverFacts(now)} />}
      {now && <Facts title="Here" facts={figures(now)} />}
      {now && <Facts title="Limits" facts={Object.entries(now.limits).map(limitFact)} />}
      {now && (
        <div class="button-row">
          <button type="button" class="button" onClick={status.load} aria-disabled={status.loading.value}>
            Refresh
          </button>
        </div>
      )}
    </>
  )
}

function Facts({ title, facts }: { title: string; facts: readonly Fact[] }) {
  const id = `facts-${title.toLowerCase()}`
  return (
    <section class="section" aria-labelledby={id}>
      <SectionTitle id={id}>{title}</SectionTitle>
      <dl class="facts">
        {facts.map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </Fragment>
        ))}
      </dl>
    </section>
  )
}

const serverFacts = ({ version, node, startedAt, archive }: ServerStatus): Fact[] => [
  ['Version', version],
  ['Node.js', node],
  ['Running since', momentName(startedAt, Date.now())],
  ['Waiting to be stored', `${archive.queued} events, ${archive.queuedBytes} bytes`],
  ['Last commit', `${archive.lastCommitMs.toFixed(1)} ms`],
]

const figures = ({ connections, users, rooms, messages, openReports }: ServerStatus): Fact[] => [
  ['Connections', connections],
  ['People', users.suspended > 0 ? `${users.all}, ${users.suspended} suspended` : users.all],
  ['Public rooms', rooms.public],
  ['Private rooms', rooms.private],
  ['Conversations between two', rooms.direct],
  ['Messages', messages],
  ['Open reports', openReports],
]

/** `connectionsPerUser` reads as "Connections per user". */
function limitFact([name, value]: [string, number]): Fact {
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return [`${words.charAt(0).toUpperCase()}${words.slice(1)}`, value === 0 ? 'none' : value]
}
