/** What may be reported, and how much of it (SPEC.md, ADM5). */
export const REPORT_REASONS = ['spam', 'harassment', 'violence', 'illegal', 'other'] as const
export type ReportReason = (typeof REPORT_REASONS)[number]

/** Why an account is suspended. */
export const MAX_REASON_LENGTH = 300
/** What a reporter or a moderator adds to a report. */
export const MAX_REPORT_TEXT_LENGTH = 2_000
/** Reports of one user in an hour. */
export const REPORTS_PER_HOUR = 20
