import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Entrance } from '../state/entrance.ts'

export const EntranceContext = createContext<Entrance | undefined>(undefined)

export function useEntrance(): Entrance {
  const entrance = useContext(EntranceContext)
  if (!entrance) throw new Error('no EntranceContext above this view')
  return entrance
}
