import { Component, h } from "preact";
import type { ComponentType, VNode } from "preact";

/** Draws a view again only when one of its properties is another one. */
export function memo<Props extends object>(View: ComponentType<Props>): ComponentType<Props> {
  return class Memo extends Component<Props> {
    override shouldComponentUpdate(next: Readonly<Props>): boolean {
      const now = this.props as Record<string, unknown>;
      const then = next as Record<string, unknown>;
      return Object.keys(then).some((key) => !Object.is(now[key], then[key])) || Object.keys(now).some((key) => !(key in then));
    }

    override render(): VNode {
      return h(View as ComponentType<object>, this.props as object);
    }
  };
}
