import { useEffect } from 'preact/hooks'
import type { MyReport } from '../../../../protocol/http/administration.ts'
import { REASON_NAMES } from '../../state/administration.ts'
import { createResource } from '../../state/resource.ts'
import { shortDate } from '../../ui/times.ts'
import { useConstant } from '../../ui/use-constant.ts'
import { useApp } from '../app-context.tsx'
import { SectionTitle } from '../section-title.tsx'

/** What I have reported, and whether somebody has looked at it; nothing where there is none. */
export function MyReports() {
  const { client } = useApp()
  const reports = useConstant(() => createResource(() => client.call<{ reports: MyReport[] }>('GET', '/reports')))
  useEffect(() => {
    void reports.load()
  }, [reports])
  const mine = reports.value.value?.reports ?? []
  if (mine.length === 0) return null
  return (
    <section class="section" aria-labelledby="my-reports-title">
      <SectionTitle id="my-reports-title">Your reports</SectionTitle>
      <ul class="rows">
        {mine.map((report) => (
          <li key={report.id} class="row">
            <div class="row-main">
              <div class="row-title" dir="auto">
                {report.user === undefined ? `A message in ${report.room}` : `@${report.user}`}
              </div>
              <div class="row-line">
                {REASON_NAMES[report.reason]} · {shortDate(report.at)}
              </div>
            </div>
            <span class="tag">{report.state === 'open' ? 'Open' : 'Handled'}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}
