import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { LayoutGrid, RectangleHorizontal } from "lucide";
import type { Desk, ShownReaction } from "../../effects/call-desk";
import type { Tile } from "../../rtc/tiles";
import { useSelect } from "../../ui/app";
import { IconButton } from "../../ui/controls";
import { useCalls, useObserved } from "./context";
import { grid, speaker } from "./layout";
import type { Rectangle, Space } from "./layout";
import { VideoTile } from "./VideoTile";
import { tileName } from "./words";

/** All tiles of the call; one of them large, where that is wanted or a screen is shared. */
export function Stage({ desk }: { readonly desk: Desk }) {
  const calls = useCalls();
  const tiles = useObserved(desk.model, ({ tiles }) => tiles);
  const hands = useObserved(desk.model, ({ state }) => state?.hands);
  const speaking = useObserved(desk.model, (model) => model.speaker);
  const reactions = useObserved(desk.reactions);
  const view = useSelect(({ calls: known }) => known.mine?.view ?? "grid");
  const [chosen, setChosen] = useState<string | null>(null);
  useScreenFirst(tiles);
  const box = useRef<HTMLUListElement>(null);
  const space = useSpace(box);
  const main = mainTile(tiles, chosen, speaking);
  const ordered = useMemo(
    () => (view === "speaker" && main ? [main, ...tiles.filter((tile) => tile !== main)] : tiles),
    [tiles, main, view],
  );
  const places = view === "speaker" ? speaker(space, ordered.length) : grid(space, ordered.length);
  return (
    <div class="stage-view">
      <ul class="tiles" ref={box} aria-label="In the call" data-view={view}>
        {tiles.map((tile) => (
          <Placed
            key={tile.key}
            tile={tile}
            place={places[ordered.indexOf(tile)]}
            main={tile === main}
            onChoose={() => setChosen(tile.key === chosen ? null : tile.key)}
          >
            <VideoTile tile={tile} hand={handPlace(hands, tile)} emoji={emojiOf(reactions, tile)} />
          </Placed>
        ))}
      </ul>
      {tiles.length > 1 && (
        <span class="stage-tools">
          <IconButton
            icon={view === "grid" ? RectangleHorizontal : LayoutGrid}
            label={view === "grid" ? "Speaker view" : "Grid view"}
            onClick={() => calls.show({ view: view === "grid" ? "speaker" : "grid" })}
          />
        </span>
      )}
    </div>
  );
}

interface PlacedProps {
  readonly tile: Tile;
  readonly place: Rectangle | undefined;
  /** What is large in the speaker view, and goes into the picture-in-picture. */
  readonly main: boolean;
  readonly onChoose: () => void;
  readonly children: ComponentChildren;
}

function Placed({ tile, place, main, onChoose, children }: PlacedProps) {
  const calls = useCalls();
  const element = useRef<HTMLLIElement>(null);
  useLayoutEffect(() => {
    const { style } = element.current ?? {};
    if (!style || !place) return;
    style.width = `${place.width}px`;
    style.height = `${place.height}px`;
    style.transform = `translate(${place.left}px, ${place.top}px)`;
  }, [place?.left, place?.top, place?.width, place?.height]);
  return (
    <li
      ref={element}
      class="tile"
      data-kind={tile.kind}
      data-state={tile.state}
      data-speaking={tile.speaking || undefined}
      data-main={main || undefined}
      data-small={(place?.width ?? 0) < 160 || undefined}
      data-peer={tile.peerId}
      data-name={tileName(tile)}
      onDblClick={() => {
        onChoose();
        calls.show({ view: "speaker" });
      }}
    >
      {children}
    </li>
  );
}

/** A screen before anybody else, then who was chosen, then who speaks, then somebody else than oneself. */
function mainTile(tiles: readonly Tile[], chosen: string | null, speaking: string | null): Tile | undefined {
  return (
    tiles.find(({ key }) => key === chosen) ??
    tiles.find(({ kind, self }) => kind === "screen" && !self) ??
    tiles.find(({ kind }) => kind === "screen") ??
    tiles.find(({ peerId }) => peerId === speaking) ??
    tiles.find(({ self }) => !self) ??
    tiles[0]
  );
}

function handPlace(hands: readonly string[] | undefined, tile: Tile): number | null {
  const index = tile.kind === "person" ? (hands?.indexOf(tile.peerId) ?? -1) : -1;
  return index < 0 ? null : index + 1;
}

function emojiOf(reactions: readonly ShownReaction[], tile: Tile): string | null {
  return tile.kind === "person" ? (reactions.findLast(({ peerId }) => peerId === tile.peerId)?.emoji ?? null) : null;
}

/** A screen that appears is shown large; when it goes, the view is what it was. */
function useScreenFirst(tiles: readonly Tile[]): void {
  const calls = useCalls();
  const view = useSelect(({ calls: known }) => known.mine?.view ?? "grid");
  const shared = tiles.some(({ kind }) => kind === "screen");
  const before = useRef<"grid" | "speaker" | null>(null);
  useEffect(() => {
    if (shared) {
      before.current = view;
      calls.show({ view: "speaker" });
    } else if (before.current) {
      calls.show({ view: before.current });
      before.current = null;
    }
  }, [shared]);
}

function useSpace(box: { readonly current: HTMLElement | null }): Space {
  const [space, setSpace] = useState<Space>({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = (): void => setSpace({ width: element.clientWidth, height: element.clientHeight });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return space;
}
