import { useEntrance } from '../entrance-context.tsx'

/** The way in with a provider, where this server has one. */
export function ProviderButton() {
  const { provider, server } = useEntrance()
  const name = server.value.value?.oidc?.name
  if (name === undefined) return null
  return (
    // With a target, or it would be taken for one of our own pages.
    <a class="button button-wide" target="_self" href={provider.startAddress()}>
      Continue with {name}
    </a>
  )
}
