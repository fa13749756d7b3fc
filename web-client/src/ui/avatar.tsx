import type { Presence } from '../../../protocol/presence.ts'

const TINTS = 6

/** One of six pairs of colours, always the same for the same id. */
export function tintOf(id: string): number {
  let hash = 7
  for (let i = 0; i < id.length; i++) hash = (hash * 31 + id.charCodeAt(i)) >>> 0
  return hash % TINTS
}

/** The first letters of up to two words; whole characters, also outside the Latin alphabet. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s_.-]+/).filter((word) => /[\p{L}\p{N}]/u.test(word))
  const firsts = words.slice(0, 2).map((word) => [...word.replace(/^[^\p{L}\p{N}]+/u, '')][0] ?? '')
  return (firsts.join('') || [...name][0] || '?').toLocaleUpperCase()
}

/** A picture for a person (round) or a room (square). Decoration: the name stands beside it. */
export function Avatar({
  id,
  name,
  shape = 'person',
  small,
  picture,
  presence,
}: {
  id: string
  name: string
  shape?: 'person' | 'room'
  small?: boolean
  /** The id of a picture, shown over the initials. */
  picture?: string | undefined
  presence?: Presence | undefined
}) {
  const here = presence !== undefined && presence.state !== 'offline' ? presence.state : undefined
  return (
    <span
      class={`avatar${shape === 'room' ? ' avatar-room' : ''}${small ? ' avatar-small' : ''}`}
      data-tint={tintOf(id)}
      data-initials={initialsOf(name)}
      aria-hidden="true"
    >
      {picture !== undefined && (
        <img
          key={picture}
          class="avatar-picture"
          src={`/api/avatars/${picture}`}
          alt=""
          loading="lazy"
          decoding="async"
          onError={(event) => {
            event.currentTarget.hidden = true // gone meanwhile: the initials stand in
          }}
        />
      )}
      {here && <span class="dot" data-state={here} />}
    </span>
  )
}
