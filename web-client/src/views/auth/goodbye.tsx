import { useEffect, useRef } from 'preact/hooks'

/** The account is gone. */
export function Goodbye() {
  const title = useRef<HTMLHeadingElement>(null)
  useEffect(() => title.current?.focus(), [])
  return (
    <div class="form">
      <h1 ref={title} tabIndex={-1}>
        Goodbye
      </h1>
      <p>Your account is deleted. What was yours alone is gone, and your name is taken out of the rest.</p>
      <p class="gate-other">
        <a href="/signin">To the sign-in</a>
      </p>
    </div>
  )
}
