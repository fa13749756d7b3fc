import type { Theme } from '../../state/appearance.ts'
import { useApp } from '../app-context.tsx'
import { SectionTitle } from '../section-title.tsx'

const THEMES: readonly { theme: Theme; name: string; hint: string }[] = [
  { theme: 'system', name: 'As the system', hint: 'Light by day and dark by night, if the system does so.' },
  { theme: 'light', name: 'Light', hint: 'Always light.' },
  { theme: 'dark', name: 'Dark', hint: 'Always dark.' },
]

/** How the app looks on this device; every choice applies at once. */
export function Appearance() {
  const { appearance } = useApp()
  return (
    <section class="section" aria-labelledby="appearance-title">
      <SectionTitle id="appearance-title">Appearance</SectionTitle>
      <fieldset class="choice">
        <legend class="label">Theme</legend>
        {THEMES.map(({ theme, name, hint }) => (
          <label key={theme} class="choice-option">
            <input
              type="radio"
              name="theme"
              checked={appearance.theme.value === theme}
              onChange={() => appearance.setTheme(theme)}
            />
            <span>
              <span class="choice-name">{name}</span>
              <span class="choice-hint">{hint}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <p class="muted small">Kept on this device.</p>
    </section>
  )
}
