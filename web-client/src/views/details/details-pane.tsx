import { useComputed } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { RoomId } from '../../../../protocol/ids.ts'
import { failureText } from '../../state/failure.ts'
import { mayIn } from '../../state/may.ts'
import { isHere } from '../../state/people.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Icon } from '../../ui/icon.tsx'
import { useApp } from '../app-context.tsx'
import { InvitationsSection } from '../invites/invitations-section.tsx'
import { PaneHead } from '../pane-head.tsx'
import { SectionTitle } from '../section-title.tsx'
import { AddMember } from './add-member.tsx'
import { BannedList } from './banned-list.tsx'
import { EditRoom } from './edit-room.tsx'
import { EndRoom } from './end-room.tsx'
import { MemberList } from './member-list.tsx'
import { RoomRules } from './room-rules.tsx'

const KIND_NAMES = {
  public: 'Public room: anyone here may read and join',
  private: 'Private room: by invitation only',
  direct: 'Conversation between two',
}

/** What a room is, who is in it, and what I may do about it ([P1], [P2]). */
export function DetailsPane({ room }: { room: RoomId }) {
  const { client, navigation, notices, roomModel, snapshot } = useApp()
  const model = roomModel(room)
  const summary = model.summary.value
  const online = useComputed(() => model.subtitle.value)
  const known = summary !== undefined
  useEffect(() => {
    if (known) client.loadMembers(room).catch((error: unknown) => notices.show(failureText(error)))
  }, [client, room, known, notices])
  if (!summary) return <PaneHead title="Details" level="h2" onClose={navigation.back} />

  const { role, kind } = summary

  return (
    <>
      <PaneHead title="Details" level="h2" onClose={navigation.back} />
      <div class="scroll">
        <div class="side">
          <div class="side-head">
            <Avatar
              id={summary.peer ?? room}
              name={summary.name}
              shape={kind === 'direct' ? 'person' : 'room'}
              picture={summary.peer && snapshot.value.users.get(summary.peer)?.avatar}
            />
            <SectionTitle>{summary.name}</SectionTitle>
            {summary.topicLine && <p dir="auto">{summary.topicLine}</p>}
            <p class="muted small">{KIND_NAMES[kind]}</p>
            <p class="muted small">{online.value}</p>
            {summary.archived && <p class="tag">Archived: nothing more is written here</p>}
          </div>
          {mayIn(summary, 'rename') && <EditRoom summary={summary} />}
          {kind !== 'direct' && (
            <section class="section" aria-labelledby="members-title">
              <SectionTitle id="members-title">Members</SectionTitle>
              {mayIn(summary, 'invite', { role: 'member' }) && <AddMember model={model} />}
              <MemberList model={model} />
            </section>
          )}
          <InvitationsSection summary={summary} />
          <RoomRules room={summary} />
          {mayIn(summary, 'ban', { target: 'reader' }) && <BannedList room={summary} />}
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
          {kind !== 'direct' && role !== undefined && <EndRoom room={summary} />}
        </div>
      </div>
    </>
  )
}

function Peer({ peer }: { peer: string }) {
  const { person, snapshot } = useApp()
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
      <div class="button-row">
        <button
          type="button"
          class="button"
          onClick={() => {
            person.value = user?.id
          }}
        >
          <Icon name="person" />
          Show profile
        </button>
      </div>
    </section>
  )
}
