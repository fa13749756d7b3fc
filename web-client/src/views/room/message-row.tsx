import type { UserId } from '../../../../protocol/ids.ts'
import type { App } from '../../state/app.ts'
import type { MessageItem, MessageState } from '../../state/client-types.ts'
import { codeText } from '../../state/failure.ts'
import { nameIn } from '../../state/people.ts'
import type { RoomModel } from '../../state/room-model.ts'
import type { Spoken } from '../../state/rows.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { isEmojiOnly, plainText } from '../../ui/markdown.ts'
import { PureComponent } from '../../ui/pure-component.ts'
import { RichText } from '../../ui/rich-text.tsx'
import { clockTime, fullTime } from '../../ui/times.ts'
import type { ListHandlers } from './list-handlers.ts'
import { MessageToolbar } from './message-toolbar.tsx'
import { Reactions } from './reactions.tsx'
import { StateIcon } from './state-icon.tsx'

type Props = {
  item: Spoken
  first: boolean
  last: boolean
  mine: boolean
  direct: boolean
  author: string
  picture: string | undefined
  quoted: MessageItem | undefined
  quotedAuthor: string | undefined
  mentionsMe: boolean
  mayWrite: boolean
  mayTakePart: boolean
  mayRemove: boolean
  /** Of my own messages. */
  state: MessageState | undefined
  readers: number
  active: boolean
  tabbable: boolean
  target: boolean
  vanishing: boolean
  model: RoomModel
  app: App
  handlers: ListHandlers
}

/** One message. Drawn again only when something of it changes. */
export class MessageRow extends PureComponent<Props> {
  private readonly nameOf = (user: string): string | undefined =>
    this.props.app.snapshot.peek().users.get(user as UserId)?.displayName

  override render({ item, first, last, mine, direct, author, active, tabbable, target, vanishing }: Props) {
    const deleted = vanishing || (item.kind === 'message' && item.deleted)
    const plain = direct || mine
    return (
      <li
        class="message"
        data-key={item.key}
        data-own={mine}
        data-plain={plain}
        data-first={first}
        data-last={last}
        data-deleted={deleted}
        data-mention={this.props.mentionsMe}
        data-emoji={!deleted && isEmojiOnly(item.text)}
        data-target={target}
        tabIndex={tabbable ? 0 : -1}
        aria-label={this.label(deleted)}
      >
        {first && !plain && (
          <span data-person={item.from}>
            <Avatar id={item.from} name={author} picture={this.props.picture} small />
          </span>
        )}
        <div class="stack">
          {first && !plain ? (
            <span class="author" dir="auto" data-person={item.from}>
              {author}
            </span>
          ) : (
            <span class="visually-hidden">{author}: </span>
          )}
          <div class="bubble" title={fullTime(item.at)}>
            {this.renderQuote()}
            <div class="bubble-line">
              <div class="text" dir="auto">
                {deleted ? <p>Message deleted</p> : <RichText text={item.text} nameOf={this.nameOf} />}
              </div>
              {this.renderMeta(deleted)}
            </div>
          </div>
          {item.kind === 'message' && !deleted && item.reactions.length > 0 && (
            <Reactions
              item={item}
              model={this.props.model}
              nameOf={(user) => nameIn(this.props.app.snapshot.peek().users, user)}
            />
          )}
          {this.renderFailure()}
        </div>
        {active && item.kind === 'message' && !deleted && (
          <MessageToolbar
            item={item}
            model={this.props.model}
            notices={this.props.app.notices}
            mayWrite={this.props.mayWrite}
            mayTakePart={this.props.mayTakePart}
            mayRemove={this.props.mayRemove}
            onProfile={() => {
              this.props.app.person.value = item.from
            }}
            onReport={() => {
              const { app, model } = this.props
              app.reporting.value = { room: model.room, seq: item.seq, text: item.text }
            }}
            onDone={() => this.props.handlers.activate(undefined)}
          />
        )}
      </li>
    )
  }

  /** Author, text, reactions, state, time last ([X4]). */
  private label(deleted: boolean): string {
    const { item, author, state } = this.props
    const text = deleted ? 'Message deleted' : plainText(item.text)
    const reactions =
      item.kind === 'message' ? item.reactions.map(({ emoji, users }) => `${emoji} ${users.length}`) : []
    return [`${author}: ${text}`, ...reactions, state, clockTime(item.at)].filter(Boolean).join(', ')
  }

  private renderQuote() {
    const { item, quoted, quotedAuthor, handlers } = this.props
    const seq = item.replyTo
    if (seq === undefined) return null
    return (
      <button type="button" class="quote" tabIndex={-1} onClick={() => handlers.jumpTo(seq)}>
        <span class="quote-author">
          {quoted?.folded ? 'A person you blocked' : (quotedAuthor ?? 'Earlier message')}
        </span>
        <span class="quote-text" dir="auto">
          {quoted && !quoted.folded
            ? quoted.deleted
              ? 'Original message deleted'
              : plainText(quoted.text)
            : 'Show it'}
        </span>
      </button>
    )
  }

  private renderMeta(deleted: boolean) {
    const { item, last, state, readers } = this.props
    const edited = item.kind === 'message' && item.editedAt !== undefined && !deleted
    if (!last && !edited && item.kind === 'message') return null
    return (
      <span class="bubble-meta">
        {edited && <span>edited</span>}
        <time dateTime={new Date(item.at).toISOString()}>{clockTime(item.at)}</time>
        {state && !deleted && <StateIcon state={state} readers={readers} />}
      </span>
    )
  }

  private renderFailure() {
    const { item, model } = this.props
    const failed =
      item.kind === 'pending'
        ? item.state.kind === 'failed' && { id: item.id, ...item.state }
        : item.changes
            .map(({ id, state }) => state.kind === 'failed' && { ...state, id })
            .find((change) => change !== false)
    if (!failed) return null
    return (
      <div class="failed-row">
        <span>
          {item.kind === 'pending' ? 'Not sent.' : 'The change was not saved.'} {codeText(failed.code)}
        </span>
        {failed.retryable && (
          <button type="button" class="link-button" onClick={() => model.retry(failed.id)}>
            Retry
          </button>
        )}
        <button type="button" class="link-button" onClick={() => model.discard(failed.id)}>
          {item.kind === 'pending' ? 'Delete' : 'Discard'}
        </button>
      </div>
    )
  }
}
