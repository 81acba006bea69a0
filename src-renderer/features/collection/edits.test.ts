import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Filter, SceneCollection, SceneId, SceneItemId, Source, SourceId } from '../../../src-shared/domain/index.ts';
import {
  addScene,
  addSource,
  changeFilters,
  changeItem,
  copiesOf,
  duplicateItem,
  duplicateScene,
  type Edit,
  freeName,
  moveFilter,
  moveItem,
  programScene,
  removeItem,
  removeScene,
} from './edits.ts';

const box = { xPx: 0, yPx: 0, widthPx: 100, heightPx: 50, rotationDeg: 0 };
const empty = SceneCollection.parse({
  name: 'Show',
  canvas: { widthPx: 1280, heightPx: 720 },
  programSceneId: 'one',
  scenes: [{ id: 'one', name: 'One', items: [] }],
  sources: [],
  audioInputs: [],
});
const one = SceneId.parse('one');
const colour = (id: string) => Source.parse({ id, kind: 'colour', name: 'Colour', colour: '#112233' });
const withTwo = [
  addSource(one, colour('a'), box, SceneItemId.parse('ia')),
  addSource(one, colour('b'), box, SceneItemId.parse('ib')),
].reduce((now, edit) => edit(now), empty);

describe('sources', () => {
  test('a new source lies in front and gets a free name', () => {
    expect(programScene(withTwo).items.map(({ id }) => id)).toEqual(['ia', 'ib']);
    expect(withTwo.sources.map(({ name }) => name)).toEqual(['Colour', 'Colour 2']);
  });

  test('what covers the canvas goes behind what does not, in front of what does', () => {
    const whole = { ...box, widthPx: 1280, heightPx: 720 };
    const first = addSource(one, colour('c'), whole, SceneItemId.parse('ic'))(withTwo);
    const second = addSource(one, colour('d'), whole, SceneItemId.parse('id'))(first);
    expect(programScene(second).items.map(({ id }) => id)).toEqual(['ic', 'id', 'ia', 'ib']);
  });

  test('removing the last item of a source removes the source', () => {
    expect(removeItem(one, SceneItemId.parse('ia'))(withTwo).sources.map(({ id }) => id)).toEqual(['b']);
  });

  test('removing an item keeps a source that another scene shows', () => {
    const shared = duplicateScene(one)(withTwo);
    expect(removeItem(one, SceneItemId.parse('ia'))(shared).sources.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  test('a duplicate has its own source and lies 24 px aside', () => {
    const copied = duplicateItem(one, SceneItemId.parse('ia'), SceneItemId.parse('ic'), SourceId.parse('c'))(withTwo);
    expect(programScene(copied).items[2]).toMatchObject({ id: 'ic', sourceId: 'c', transform: { xPx: 24, yPx: 24 } });
    expect(copied.sources[2]).toMatchObject({ id: 'c', name: 'Colour 3', colour: '#112233' });
  });

  test('an item moves to the back', () => {
    expect(programScene(moveItem(one, 1, 0)(withTwo)).items.map(({ id }) => id)).toEqual(['ib', 'ia']);
  });
});

describe('scenes', () => {
  test('removing the program scene puts its neighbour on air', () => {
    const two = addScene('Two', SceneId.parse('two'))(withTwo);
    expect(removeScene(one)(two)).toMatchObject({ programSceneId: 'two', sources: [] });
  });

  test('the last scene stays', () => {
    expect(removeScene(one)(withTwo)).toEqual(withTwo);
  });

  test.each([
    [['A'], 'A 2'],
    [['A', 'A 2'], 'A 3'],
    [['B'], 'A'],
  ])('with %j taken, "A" becomes %j', (taken, free) => {
    expect(freeName('A', taken)).toBe(free);
  });
});

test('property: any sequence of edits leaves a valid collection', () => {
  let id = 0;
  const next = () => `x${id++}`;
  const scene = fc.nat(4).map((n) => (now: SceneCollection) => now.scenes[n % now.scenes.length]?.id ?? one);
  const edits: fc.Arbitrary<(now: SceneCollection) => Edit> = fc.oneof(
    fc.string({ minLength: 1, maxLength: 10 }).map((name) => () => addScene(name, SceneId.parse(next()))),
    scene.map((pick) => (now: SceneCollection) => addSource(pick(now), colour(next()), box, SceneItemId.parse(next()))),
    scene.map((pick) => (now: SceneCollection) => removeScene(pick(now))),
    scene.map((pick) => (now: SceneCollection) => duplicateScene(pick(now))),
    fc.tuple(scene, fc.nat(5)).map(([pick, n]) => (now: SceneCollection) => {
      const items = now.scenes.find(({ id: sceneId }) => sceneId === pick(now))?.items ?? [];
      return removeItem(pick(now), items[n % Math.max(1, items.length)]?.id ?? SceneItemId.parse('none'));
    }),
    fc.tuple(scene, fc.nat(6), fc.nat(6)).map(
      ([pick, from, to]) =>
        (now: SceneCollection) =>
          moveItem(pick(now), from, to),
    ),
    fc.tuple(scene, fc.boolean()).map(
      ([pick, visible]) =>
        (now: SceneCollection) =>
          changeItem(pick(now), SceneItemId.parse('none'), { visible }),
    ),
  );
  fc.assert(
    fc.property(fc.array(edits, { maxLength: 25 }), (sequence) => {
      const result = sequence.reduce((now, make) => make(now)(now), withTwo);
      expect(SceneCollection.safeParse(result).error?.issues ?? []).toEqual([]);
    }),
  );
});

describe('filters', () => {
  const key = Filter.parse({ id: 'key', kind: 'chromaKey' });
  const tint = Filter.parse({ id: 'tint', kind: 'colour' });
  test('are added to one source, moved, and undone with it', () => {
    const id = SourceId.parse('a');
    const added = changeFilters(id, (filters) => [...filters, key, tint])(withTwo);
    expect(added.sources.find((source) => source.id === id)?.filters).toEqual([key, tint]);
    expect(moveFilter(id, 1, 0)(added).sources.find((source) => source.id === id)?.filters).toEqual([tint, key]);
    expect(withTwo.sources.every(({ filters }) => filters.length === 0)).toBe(true);
  });
  test('copies have ids of their own', () => {
    const copies = copiesOf([key, tint]);
    expect(copies.map(({ kind }) => kind)).toEqual(['chromaKey', 'colour']);
    expect(copies.map(({ id }) => id)).not.toContain('key');
  });
});
