import { describe, expect, test } from 'vitest';
import { SceneCollection } from '../../../src-shared/domain/index.ts';
import { EMPTY_HISTORY, note, redo, undo } from './history.ts';

const collection = (name: string, program = 'one', scenes = ['one', 'two']) =>
  SceneCollection.parse({
    name,
    canvas: { widthPx: 1280, heightPx: 720 },
    programSceneId: program,
    scenes: scenes.map((id) => ({ id, name: id, items: [] })),
    sources: [],
    audioInputs: [],
  });
const [a, b, c] = [collection('a'), collection('b'), collection('c')];

describe('history', () => {
  test('undo gives what was before, redo what was after', () => {
    const noted = note(note(EMPTY_HISTORY, a, null, 0), b, null, 10);
    const back = undo(noted, c);
    expect(back?.collection.name).toBe('b');
    const further = back && undo(back.history, back.collection);
    expect(further?.collection.name).toBe('a');
    expect(further && redo(further.history, further.collection)?.collection.name).toBe('b');
  });

  test('nothing to undo or redo', () => {
    expect(undo(EMPTY_HISTORY, a)).toBeNull();
    expect(redo(EMPTY_HISTORY, a)).toBeNull();
  });

  test.each([
    ['drag:x', 'drag:x', 100, 1],
    ['drag:x', 'drag:y', 100, 2],
    ['drag:x', 'drag:x', 900, 2],
    [null, null, 100, 2],
  ])('edits %j then %j after %i ms make %i steps', (first, second, afterMs, steps) => {
    expect(note(note(EMPTY_HISTORY, a, first, 0), b, second, afterMs).past).toHaveLength(steps);
  });

  test('a new edit forgets what could be redone', () => {
    const back = undo(note(EMPTY_HISTORY, a, null, 0), b);
    expect(back && note(back.history, back.collection, null, 10).future).toEqual([]);
  });

  test('undo never cuts to another scene', () => {
    expect(undo(note(EMPTY_HISTORY, collection('before', 'one'), null, 0), collection('now', 'two'))?.collection).toMatchObject({
      name: 'before',
      programSceneId: 'two',
    });
  });

  test('unless the scene on air did not exist then', () => {
    expect(
      undo(note(EMPTY_HISTORY, collection('before', 'one', ['one']), null, 0), collection('now', 'two'))?.collection.programSceneId,
    ).toBe('one');
  });
});
