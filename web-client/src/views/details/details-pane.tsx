import { useComputed } from '@preact/signals'
import { useEffect, useState } from 'preact/hooks'
import type { RoomId } from '../../../../protocol/ids.ts'
import { failureText } from '../../state/failure.ts'
import { isHere } from '../../state/people.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Icon } from '../../ui/icon.tsx'
import { useApp } from '../app-context.tsx'
import { InvitationsSection } from '../invites/invitations-section.tsx'
import { PaneHead } from '../pane-head.tsx'
import { SectionTitle } from '../section-title.tsx'
import { AddMember } from './add-member.tsx'
import { EditRoom } from './edit-room.tsx'
import { MemberList } from './member-list.tsx'

const KIND_NAMES = {
  public: 'Public room: anyone here may read and join',
  private: 'Private room: by invitation only',
  direct: 'Conversation between two',
}

/** What a room is, who is in it, and what I may do about it ([P1], [P2]). */
export function DetailsPane({ room }: { room: RoomId }) {
  const { client, navigation, notices, roomModel } = useApp()
  const model = roomModel(room)
  const [asking, setAsking] = useState<'leave' | 'delete' | undefined>(undefined)
  const summary = model.summary.value
  const online = useComputed(() => model.subtitle.value)
  useEffect(() => {
    client.loadMembers(room).catch((error: unknown) => notices.show(failureText(error)))
  }, [client, room, notices])
  if (!summary) return <PaneHead title="Details" level="h2" onClose={navigation.back} />

  const { role, kind } = summary
  const mayManage = role === 'owner' || role === 'admin'
  const mayAdd = kind !== 'direct' && (mayManage || (kind === 'public' && role === 'member'))

  async function end(): Promise<void> {
    try {
      await (asking === 'delete' ? client.deleteRoom(room) : client.leaveRoom(room))
      navigation.redirect('/')
    } catch (error) {
      notices.show(failureText(error))
    }
    setAsking(undefined)
  }

  return (
    <>
      <PaneHead title="Details" level="h2" onClose={navigation.back} />
      <div class="scroll">
        <div class="side">
          <div class="side-head">
            <Avatar id={summary.peer ?? room} name={summary.name} shape={kind === 'direct' ? 'person' : 'room'} />
            <SectionTitle>{summary.name}</SectionTitle>
            {summary.topicLine && <p dir="auto">{summary.topicLine}</p>}
            <p class="muted small">{KIND_NAMES[kind]}</p>
            <p class="muted small">{online.value}</p>
          </div>
          {kind !== 'direct' && mayManage && <EditRoom summary={summary} />}
          {kind !== 'direct' && (
            <section class="section" aria-labelledby="members-title">
              <SectionTitle id="members-title">Members</SectionTitle>
              {mayAdd && <AddMember model={model} />}
              <MemberList model={model} />
            </section>
          )}
          <InvitationsSection summary={summary} />
          {kind === 'direct' && summary.peer !== undefined && <Peer peer={summary.peer} />}
          <section class="section" aria-labelledby="about-title">
            <SectionTitle id="about-title">Over MQTT</SectionTitle>
            <dl class="facts">
              <dt>Write to</dt>
              <dd>
                <code>rooms/{room}/send</code>
              </dd>
              <dt>Read from</dt>
              <dd>
                <code>rooms/{room}/text</code>
              </dd>
            </dl>
          </section>
          {kind !== 'direct' && (
            <section class="section" aria-label="Leave">
              <div class="button-row">
                <button type="button" class="button button-danger" onClick={() => setAsking('leave')}>
                  <Icon name="leave" />
                  Leave room
                </button>
                {role === 'owner' && (
                  <button type="button" class="button button-danger" onClick={() => setAsking('delete')}>
                    <Icon name="trash" />
                    Delete room
                  </button>
                )}
              </div>
            </section>
          )}
        </div>
      </div>
      {asking && (
        <Dialog
          title={asking === 'delete' ? `Delete ${summary.name}?` : `Leave ${summary.name}?`}
          onClose={() => setAsking(undefined)}
        >
          <p>
            {asking === 'delete'
              ? 'The room and everything said in it will be gone for everybody.'
              : kind === 'public'
                ? 'You can join again whenever you like.'
                : 'You can come back only if somebody adds you again.'}
          </p>
          <div class="button-row">
            <button type="button" class="button" onClick={() => setAsking(undefined)}>
              Cancel
            </button>
            <button type="button" class="button button-danger" onClick={end}>
              {asking === 'delete' ? 'Delete room' : 'Leave room'}
            </button>
          </div>
        </Dialog>
      )}
    </>
  )
}

function Peer({ peer }: { peer: string }) {
  const { snapshot } = useApp()
  const user = [...snapshot.value.users.values()].find(({ id }) => id === peer)
  const presence = user?.presence
  return (
    <section class="section" aria-label="About this person">
      <dl class="facts">
        <dt>User name</dt>
        <dd>@{peer}</dd>
        {isHere(presence) && presence && 'text' in presence && presence.text && (
          <>
            <dt>Status</dt>
            <dd dir="auto">{presence.text}</dd>
          </>
        )}
      </dl>
    </section>
  )
}
