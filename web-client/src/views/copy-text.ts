import type { Notices } from '../state/notices.ts'

/** Puts a text where it can be pasted from. */
export async function copyText(text: string, notices: Notices): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    notices.show('Copied')
  } catch {
    // The browser forbids it here; the text can still be selected.
    notices.show('The browser does not allow copying here')
  }
}
