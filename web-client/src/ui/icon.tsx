import sprite from './icons.svg?url'

export type IconName =
  | 'alert'
  | 'arrow'
  | 'back'
  | 'clock'
  | 'close'
  | 'compass'
  | 'copy'
  | 'details'
  | 'device'
  | 'down'
  | 'flag'
  | 'globe'
  | 'key'
  | 'leave'
  | 'lock'
  | 'more'
  | 'pencil'
  | 'people'
  | 'person'
  | 'person-plus'
  | 'plus'
  | 'reply'
  | 'retry'
  | 'search'
  | 'send'
  | 'settings'
  | 'smile'
  | 'theme'
  | 'tick'
  | 'ticks'
  | 'trash'

/** A drawing beside a text that says the same; with `label` it speaks for itself. */
export function Icon({
  name,
  small,
  label,
  state,
}: {
  name: IconName
  small?: boolean
  label?: string | undefined
  state?: string | undefined
}) {
  return (
    <svg
      class={small ? 'icon icon-small' : 'icon'}
      data-state={state}
      role={label === undefined ? undefined : 'img'}
      aria-label={label}
      aria-hidden={label === undefined}
    >
      <use href={`${sprite}#${name}`} />
    </svg>
  )
}
