import { expect, test } from 'vitest';
import { SceneCollection } from '../../../src-shared/domain/index.ts';
import { ProgramTransition } from './program-transition.ts';

const scene = (id: string, transition: object | null = null) => ({ id, name: id, items: [], transition });
const collection = (programSceneId: string, transition: object, scenes = [scene('a'), scene('b'), scene('c')]) =>
  SceneCollection.parse({
    name: 'Show',
    canvas: { widthPx: 1280, heightPx: 720 },
    programSceneId,
    scenes,
    sources: [],
    audioInputs: [],
    transition,
  });
const FADE = { kind: 'fade', durationMs: 100 };

test('a fade of 100 ms at 30 pictures a second shows three pictures on the way', () => {
  const program = new ProgramTransition();
  program.follow(collection('a', FADE), collection('b', FADE));
  const amounts = [7, 8, 9].map((tick) => program.at(tick, 30));
  expect(amounts).toEqual([0.25, 0.5, 0.75].map((amount) => ({ fromSceneId: 'a', mix: { kind: 'fade', amount } })));
  expect(program.at(10, 30)).toBeNull();
  expect(program.at(11, 30)).toBeNull();
});

test('ticks that are left out do not make it longer', () => {
  const program = new ProgramTransition();
  program.follow(collection('a', FADE), collection('b', FADE));
  program.at(7, 30);
  expect(program.at(9, 30)?.mix).toEqual({ kind: 'fade', amount: 0.75 });
  expect(program.at(20, 30)).toBeNull();
});

test('a cut, a first collection and other edits show the program scene alone', () => {
  const program = new ProgramTransition();
  program.follow(null, collection('a', FADE));
  expect(program.at(1, 30)).toBeNull();
  program.follow(collection('a', FADE), collection('a', { kind: 'cut' }));
  expect(program.at(2, 30)).toBeNull();
  program.follow(collection('a', { kind: 'cut' }), collection('b', { kind: 'cut' }));
  expect(program.at(3, 30)).toBeNull();
});

test("a scene's own transition goes before the show's", () => {
  const scenes = [scene('a'), scene('b', { kind: 'slide', durationMs: 200 })];
  const program = new ProgramTransition();
  program.follow(collection('a', FADE, scenes), collection('b', FADE, scenes));
  expect(program.at(1, 30)?.mix.kind).toBe('slide');
  program.follow(collection('b', FADE, scenes), collection('a', FADE, scenes));
  expect(program.at(2, 30)?.mix.kind).toBe('fade');
});

test('an old scene that is removed on the way is not shown any more', () => {
  const program = new ProgramTransition();
  program.follow(collection('a', FADE), collection('b', FADE));
  program.at(1, 30);
  program.follow(collection('b', FADE), collection('b', FADE, [scene('b'), scene('c')]));
  expect(program.at(2, 30)).toBeNull();
});

test('another cut on the way begins anew from the scene that was coming', () => {
  const program = new ProgramTransition();
  program.follow(collection('a', FADE), collection('b', FADE));
  program.at(1, 30);
  program.follow(collection('b', FADE), collection('c', FADE));
  expect(program.at(2, 30)).toEqual({ fromSceneId: 'b', mix: { kind: 'fade', amount: 0.25 } });
});

test('a smaller frame rate, whose ticks are fewer, does not make it last', () => {
  const program = new ProgramTransition();
  program.follow(collection('a', FADE), collection('b', FADE));
  program.at(6_000, 60);
  const shown = [3_000, 3_001, 3_002, 3_003].map((tick) => program.at(tick, 30));
  expect(shown.at(-1)).toBeNull();
  expect(shown[0]?.mix).toEqual({ kind: 'fade', amount: 0.25 });
});
