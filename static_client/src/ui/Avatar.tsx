import type { Actor, PresentPerson } from "../contract.gen";

const TONES = 8;

/** The same person always has the same colour. */
function toneOf(id: string): number {
  let sum = 0;
  for (const character of id) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 9973;
  return sum % TONES;
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters.map((word) => [...(word ?? "")][0] ?? "").join("").toUpperCase();
}

interface AvatarProps {
  readonly person: Pick<Actor, "id" | "name" | "picture">;
  readonly presence?: PresentPerson["status"];
  readonly small?: boolean;
}

/** Decoration: the name always stands beside it. */
export function Avatar({ person, presence, small }: AvatarProps) {
  return (
    <span class={`avatar tone-${toneOf(person.id)}${small ? " avatar-small" : ""}`} aria-hidden="true">
      {person.picture ? <img src={person.picture} alt="" loading="lazy" referrerpolicy="no-referrer" /> : initials(person.name)}
      {presence && <span class={`presence presence-${presence}`} />}
    </span>
  );
}
