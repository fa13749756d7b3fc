import { outcomeText } from '../../state/provider-outcome.ts'
import { Icon } from '../../ui/icon.tsx'
import { useEntrance } from '../entrance-context.tsx'

/** How the last visit at the provider ended, where there was one. */
export function ProviderNote() {
  const { provider, server } = useEntrance()
  const outcome = provider.outcome.value
  if (outcome === undefined) return null
  const text = outcomeText(outcome, server.value.value?.oidc?.name ?? 'the provider')
  if (outcome === 'confirm') {
    return (
      <p class="note" role="status">
        {text}
      </p>
    )
  }
  return (
    <div class="note note-error" role="alert">
      <Icon name="alert" />
      <p class="note-text">{text}</p>
    </div>
  )
}
