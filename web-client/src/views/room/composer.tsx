import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { MAX_TEXT_BYTES } from '../../../../protocol/limits.ts'
import { utf8Length } from '../../../../protocol/text.ts'
import type { RoomSummary } from '../../state/client-types.ts'
import { slowModeLeft } from '../../state/may.ts'
import type { RoomModel } from '../../state/room-model.ts'
import { Icon } from '../../ui/icon.tsx'
import { plainText } from '../../ui/markdown.ts'
import { useApp } from '../app-context.tsx'

/** Where the number of bytes left is shown. */
const COUNT_FROM = MAX_TEXT_BYTES - 400

/** Where a message is written ([C1] to [C3]). */
export function Composer({ model }: { model: RoomModel }) {
  const { notices, navigation } = useApp()
  const area = useRef<HTMLTextAreaElement>(null)
  // The Enter that ends a composition arrives after `compositionend` in some browsers ([C1]).
  const composing = useRef(false)
  const text = model.draftText.value
  const editing = model.editing.value
  const replyTo = model.replyTo.value
  const blank = text.trim() === ''
  const summary = model.summary.value
  const name = summary?.name ?? model.room
  const slow = useSlowMode(summary)
  const waiting = editing ? 0 : slow

  useLayoutEffect(() => {
    const element = area.current
    if (!element) return
    if (element.value !== text) element.value = text
    element.style.height = 'auto'
    element.style.height = `${element.scrollHeight}px`
    element.style.overflowY = element.scrollHeight > element.clientHeight + 1 ? 'auto' : 'hidden'
  }, [text])
  useLayoutEffect(() => {
    if (editing || replyTo) area.current?.focus()
  }, [editing, replyTo])
  useLayoutEffect(() => {
    if (navigation.route.peek().name === 'room' && matchMedia('(pointer: fine)').matches) area.current?.focus()
  }, [navigation])

  function submit(): void {
    if (waiting) notices.show(`Slow mode: you can write again in ${waiting} s.`)
    else if (model.submit(area.current?.value ?? '')) area.current?.focus()
    else if (blank) notices.show('Write something first.')
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.isComposing || event.keyCode === 229 || composing.current) return
    if (event.key === 'Enter' && !event.shiftKey && matchMedia('(pointer: fine)').matches) {
      event.preventDefault()
      if (!blank) submit()
    } else if (event.key === 'ArrowUp' && text === '') {
      event.preventDefault()
      model.editLast()
    } else if (event.key === 'Escape' && (editing || replyTo)) {
      event.preventDefault()
      event.stopPropagation()
      if (editing) model.edit(undefined)
      else model.reply(undefined)
    }
  }

  const bytes = text.length * 3 > COUNT_FROM ? utf8Length(text) : 0
  return (
    <>
      <div class="typing truncate">{model.typing.value}</div>
      <form
        class="composer"
        onSubmit={(event) => {
          event.preventDefault()
          submit()
        }}
      >
        {(editing || replyTo) && (
          <div class="composer-banner">
            <div class="quote">
              <span class="quote-author">{editing ? 'Editing' : 'Replying'}</span>
              <span class="quote-text" dir="auto">
                {plainText((editing ?? replyTo)?.text ?? '')}
              </span>
            </div>
            <button
              type="button"
              class="icon-button"
              aria-label={editing ? 'Stop editing' : 'Do not reply'}
              onClick={() => (editing ? model.edit(undefined) : model.reply(undefined))}
            >
              <Icon name="close" />
            </button>
          </div>
        )}
        {bytes > COUNT_FROM && (
          <div class="composer-over count" data-over={bytes > MAX_TEXT_BYTES} role="status">
            {bytes > MAX_TEXT_BYTES ? `${bytes - MAX_TEXT_BYTES} bytes too long` : `${MAX_TEXT_BYTES - bytes} left`}
          </div>
        )}
        {waiting > 0 && <div class="composer-over">Slow mode: you can write again in {waiting} s</div>}
        <div class="composer-box">
          <textarea
            ref={area}
            rows={1}
            dir="auto"
            aria-label={`Message to ${name}`}
            placeholder="Write a message"
            enterkeyhint="enter"
            onInput={(event) => model.write(event.currentTarget.value)}
            onKeyDown={onKeyDown}
            onCompositionStart={() => {
              composing.current = true
            }}
            onCompositionEnd={() => {
              setTimeout(() => {
                composing.current = false
              })
            }}
          />
          <button
            type="submit"
            class="composer-send"
            aria-disabled={blank || waiting > 0}
            aria-label={sendLabel(blank, waiting, editing !== undefined)}
          >
            <Icon name={editing ? 'tick' : 'send'} />
          </button>
        </div>
      </form>
    </>
  )
}

function sendLabel(blank: boolean, waiting: number, editing: boolean): string {
  if (waiting > 0) return `Send (in ${waiting} s)`
  if (blank) return 'Send (write something first)'
  return editing ? 'Save the edit' : 'Send'
}

/** Seconds until the next message may be sent; counts down while there are any. */
function useSlowMode(room: RoomSummary | undefined): number {
  const [, setNow] = useState(0)
  const left = room ? Math.ceil(slowModeLeft(room, Date.now()) / 1000) : 0
  const counts = left > 0
  useEffect(() => {
    if (!counts) return undefined
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [counts])
  return left
}
