import { useEffect, useState } from 'preact/hooks'
import type { Report } from '../../../../protocol/http/administration.ts'
import type { Administration, Page } from '../../state/administration.ts'
import { createPages } from '../../state/pages.ts'
import { useConstant } from '../../ui/use-constant.ts'
import { SectionTitle } from '../section-title.tsx'
import { ChoiceField } from './filter-field.tsx'
import { PagesNote } from './pages-note.tsx'
import { ReportCard } from './report-card.tsx'

type State = 'open' | 'closed'
const STATES = [
  ['open', 'Open'],
  ['closed', 'Closed'],
] as const

/** What members have reported. */
export function Reports({ administration }: { administration: Administration }) {
  const [state, setState] = useState<State>('open')
  return (
    <section class="section" aria-labelledby="reports-title">
      <SectionTitle id="reports-title">Reports</SectionTitle>
      <ChoiceField<State> label="Show" value={state} options={STATES} onChoice={setState} />
      <ReportList key={state} administration={administration} state={state} />
    </section>
  )
}

function ReportList({ administration, state }: { administration: Administration; state: State }) {
  const reports = useConstant(() =>
    createPages(
      (last: Report | undefined): Promise<Page<Report>> => administration.reports({ state, before: last?.id }),
    ),
  )
  useEffect(() => {
    void reports.load()
  }, [reports])
  return (
    <>
      <ul class="rows" aria-label="Reports">
        {reports.items.value?.map((report) => (
          <li key={report.id}>
            <ReportCard
              report={report}
              administration={administration}
              onChange={(next) => reports.replace(({ id }) => id === report.id, next)}
            />
          </li>
        ))}
      </ul>
      <PagesNote pages={reports} none={state === 'open' ? 'Nothing is waiting.' : 'No report has been closed yet.'} />
    </>
  )
}
