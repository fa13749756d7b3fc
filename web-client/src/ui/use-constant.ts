import { useRef } from 'preact/hooks'

/** A value made once in the life of a component. */
export function useConstant<Value>(make: () => Value): Value {
  const kept = useRef<{ value: Value } | undefined>(undefined)
  kept.current ??= { value: make() }
  return kept.current.value
}
