import type { ComponentChildren } from 'preact'
import { useApp } from './app-context.tsx'

type Props = { id?: string; class?: string; children: ComponentChildren }

/** The title of a part of a pane. Where the pane is all there is, its own title is the first level and not the second. */
export function SectionTitle({ children, ...rest }: Props) {
  const { compact } = useApp()
  const Heading = compact.value ? 'h2' : 'h3'
  return (
    <Heading dir="auto" {...rest}>
      {children}
    </Heading>
  )
}
