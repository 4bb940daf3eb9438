/** A value that changes, and who wants to know. */

export interface Observable<Value> {
  get(): Value;
  /** Called after each change. Returns the way to stop. */
  subscribe(listener: (value: Value) => void): () => void;
}

export class Cell<Value> implements Observable<Value> {
  private readonly listeners = new Set<(value: Value) => void>();

  constructor(private value: Value) {}

  get(): Value {
    return this.value;
  }

  set(value: Value): void {
    if (Object.is(value, this.value)) return;
    this.value = value;
    for (const listener of [...this.listeners]) listener(value);
  }

  subscribe(listener: (value: Value) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
}
