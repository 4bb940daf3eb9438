/** What the views on the page want kept fresh; each claim ends by itself, and a later one of the same name takes its place. */

export interface Claims<Thing> {
  claim(name: string, thing: Thing): () => void;
  get(name: string): Thing | undefined;
  all(): readonly Thing[];
}

export function createClaims<Thing>(): Claims<Thing> {
  const claims = new Map<string, { readonly thing: Thing }>();
  return {
    claim(name, thing) {
      const claim = { thing };
      claims.set(name, claim);
      return () => {
        if (claims.get(name) === claim) claims.delete(name);
      };
    },
    get: (name) => claims.get(name)?.thing,
    all: () => [...new Set([...claims.values()].map(({ thing }) => thing))],
  };
}
