import { Component } from 'preact'

/** A component that draws again only when one of its props is another value. */
export abstract class PureComponent<Props extends object> extends Component<Props> {
  override shouldComponentUpdate(next: Readonly<Props>): boolean {
    const [before, after] = [Object.entries(this.props), Object.entries(next)]
    return before.length !== after.length || after.some(([key, value]) => value !== this.props[key as keyof Props])
  }
}
