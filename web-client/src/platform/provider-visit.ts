/** What the address says of a visit at a sign-in provider (`?oidc=...`), which it says once; and the way there. */
export function createProviderVisit(window: Window) {
  const { location, history } = window
  const outcome = new URLSearchParams(location.search).get('oidc') ?? undefined
  if (outcome !== undefined) history.replaceState(history.state, '', location.pathname)
  return { outcome, leave: (address: string) => location.assign(address) }
}
