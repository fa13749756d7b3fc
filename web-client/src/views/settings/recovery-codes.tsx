import { Dialog } from '../../ui/dialog.tsx'
import { Icon } from '../../ui/icon.tsx'
import { useApp } from '../app-context.tsx'
import { copyText } from '../copy-text.ts'

/** The codes on paper, the one time that they can be seen. */
export function RecoveryCodes({ codes, onClose }: { codes: readonly string[]; onClose: () => void }) {
  const { notices, host } = useApp()
  const text = codes.join('\n')
  const file = `Recovery codes of Tidings at ${host}\nEach works once in place of a code or a passkey.\n\n${text}\n`
  return (
    <Dialog title="Keep these recovery codes" onClose={onClose}>
      <div class="form">
        <p>
          Without your app or passkey, one of these lets you in. Each works once. They are shown only now: write them
          down or keep them where you keep passwords.
        </p>
        <pre class="recovery-codes">{text}</pre>
        <div class="button-row button-row-start">
          <button type="button" class="button" onClick={() => copyText(text, notices)}>
            <Icon name="copy" />
            Copy
          </button>
          <button type="button" class="button" onClick={() => download('tidings-recovery-codes.txt', file)}>
            <Icon name="down" />
            Download
          </button>
        </div>
      </div>
      <div class="button-row">
        <button type="button" class="button button-primary" onClick={onClose}>
          I have kept them
        </button>
      </div>
    </Dialog>
  )
}

function download(name: string, text: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
  link.download = name
  link.click()
  // The browser has taken it up by the next turn of its loop.
  setTimeout(() => URL.revokeObjectURL(link.href))
}
