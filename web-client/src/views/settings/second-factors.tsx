import { useEffect, useState } from 'preact/hooks'
import { createResource } from '../../state/resource.ts'
import { createSecondFactor } from '../../state/second-factor.ts'
import { useConstant } from '../../ui/use-constant.ts'
import { useApp } from '../app-context.tsx'
import { PasskeysSection } from './passkeys.tsx'
import { RecoveryCodes } from './recovery-codes.tsx'
import { SecondFactorSection } from './second-factor.tsx'

/** What proves me beside the password; what one section changes, the other shows. */
export function SecondFactors() {
  const { call, passkeys } = useApp()
  const factor = useConstant(() => createSecondFactor(call, passkeys))
  const state = useConstant(() => createResource(() => factor.show()))
  const [codes, setCodes] = useState<readonly string[] | undefined>(undefined)
  useEffect(() => void state.load(), [state])
  return (
    <>
      <SecondFactorSection factor={factor} state={state} onCodes={setCodes} />
      <PasskeysSection factor={factor} onCodes={setCodes} onChange={() => void state.load()} />
      {codes && <RecoveryCodes codes={codes} onClose={() => setCodes(undefined)} />}
    </>
  )
}
