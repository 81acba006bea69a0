/** A show and a recording end in order, also when the store answers nothing any more. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DEFAULT_PROFILE, Destination, REHEARSAL_ID } from '../../../src-shared/domain/index.ts';
import { StudioError } from '../../../src-shared/errors.ts';
import { nobody, scriptedShow } from '../../../tests/support/scripted-show.ts';
import type { Session } from './session.ts';

const { id } = nobody;
const rehearsal = Destination.parse({ id: REHEARSAL_ID, name: 'Rehearsal', kind: 'rehearsal', url: '', enabled: false });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tidecast-show-end-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const setUp = () => scriptedShow(folder);

test('a show ends without the store: the publishers are closed and the encoder is told', async () => {
  const { session, program, states, breakStore } = setUp();
  await session.start();
  expect(session.publishers()).toHaveLength(1);
  breakStore();
  await session.stop();
  expect(session.publishers()).toEqual([]);
  expect(program.demand).toBeNull();
  expect(states).toEqual(['starting', 'on-air', 'stopping', 'idle']);
});

test('what a show gave up for want of time, a recording that goes on gets back', async () => {
  const { session, program, scripted } = setUp();
  await session.start();
  await program.change({ recording: 'own', relief: { kind: 'preset', preset: 'ultrafast' } });
  expect(scripted.plans.at(-1)).toMatchObject({ relief: 'preset', renditions: [{}, { video: { preset: 'ultrafast' } }] });
  await session.stop();
  expect(scripted.plans.at(-1)).toMatchObject({ relief: null, renditions: [{ video: { preset: DEFAULT_PROFILE.video.preset } }] });
});

test('the history keeps what each destination got', async () => {
  const { session, updates } = setUp();
  await session.start();
  const stats = session.publishers()[0]?.stats;
  await session.stop();
  expect(updates).toEqual([
    {
      endedAtMs: expect.any(Number),
      metrics: { publishers: [{ ...stats, destinationId: id }], encoder: { restarts: 0, framesLate: 0 }, incidents: [] },
    },
  ]);
});

test('a start that fails for want of the store can be repeated', async () => {
  const { session, states, breakStore } = setUp();
  breakStore();
  await expect(session.start()).rejects.toThrow('the store is gone');
  expect(states).toEqual(['starting', 'idle']);
});

test('a recording is closed without the store', async () => {
  const { recorder, program, breakStore } = setUp();
  const { path } = await recorder.start();
  expect(existsSync(path)).toBe(true);
  breakStore();
  await expect(recorder.stop()).rejects.toThrow('the store is gone'); // its row could not be written
  expect(existsSync(path)).toBe(false); // closing removes a file without pictures
  expect(recorder.state.phase).toBe('idle');
  expect(program.demand).toBeNull();
});

test('a destination edited while the show starts counts, and the newest edit wins', async () => {
  const { session, destinations, encoder } = setUp();
  const want = encoder.want.bind(encoder);
  let open = () => {};
  const opened = new Promise<void>((resolve) => void (open = resolve));
  encoder.want = (plan) => opened.then(() => want(plan));
  const starting = session.start();
  const other = Destination.parse({ ...nobody, id: '22222222-2222-4222-8222-222222222222', name: 'Other' });
  await new Promise((resolve) => setImmediate(resolve)); // the destinations have been read
  destinations.push(other);
  await session.refresh();
  open();
  await starting;
  expect(session.publishers().map(({ destinationId }) => destinationId)).toEqual([id, other.id]);
  destinations.splice(0, 2, nobody);
  const older = session.refresh();
  destinations.splice(0, 1, other);
  await Promise.all([older, session.refresh()]);
  expect(session.publishers().map(({ destinationId }) => destinationId)).toEqual([other.id]);
  await session.stop();
});

test('the last destination of a show cannot go', async () => {
  const { session } = setUp();
  expect(() => session.checkDestinations([])).not.toThrow();
  await session.start();
  expect(() => session.checkDestinations([{ ...nobody, enabled: false }])).toThrow(/goes nowhere else/);
  expect(() => session.checkDestinations([nobody])).not.toThrow();
  await session.stop();
});

test('the live server coming back does not end the engine when the store is gone', async () => {
  const { session, server, breakStore } = setUp();
  await session.start();
  breakStore();
  server.changed.emit({ rtmpUrl: 'rtmp://127.0.0.1:1/live', httpUrl: 'http://127.0.0.1:1' });
  await new Promise((resolve) => setTimeout(resolve, 10)); // an unhandled rejection would fail the run
  expect(session.state.phase).toBe('on-air');
  await session.stop();
});

const destinationsOf = (session: Session) => session.publishers().map(({ destinationId }) => destinationId);

test('what an edit finds out for one show does not reach into the rehearsal after it', async () => {
  const { session, secrets, destinations } = setUp();
  destinations.push(rehearsal);
  await session.start();
  const get = secrets.get.bind(secrets);
  let open = () => {};
  const opened = new Promise<void>((resolve) => void (open = resolve));
  secrets.get = (of) => opened.then(() => get(of)); // the key store asks the user
  const refreshed = session.refresh();
  await new Promise((resolve) => setTimeout(resolve, 10));
  await session.stop();
  await session.rehearse(null);
  open();
  await refreshed;
  expect(destinationsOf(session)).toEqual([REHEARSAL_ID]);
  await session.stop();
});

test('a connection stays when its key cannot be read again', async () => {
  const { session, secrets } = setUp();
  await session.start();
  secrets.get = () => Promise.reject(new StudioError('internal', 'The key store is locked.'));
  await session.refresh();
  expect(destinationsOf(session)).toEqual([id]);
  await session.stop();
});

test('an encoder that does not end keeps neither a destination on the air nor the next show waiting', async () => {
  const { session, program, encoder, states } = setUp();
  await session.start();
  await program.change({ recording: 'own' });
  const want = encoder.want.bind(encoder);
  encoder.want = async () => {}; // it never says that it has closed
  void program.change({ recording: 'none' }); // waits for the file's last pictures, and the encoder's end waits for it
  const startMs = performance.now();
  await session.stop();
  expect(performance.now() - startMs).toBeLessThan(2_000);
  expect(session.publishers()).toEqual([]);
  expect(session.state).toEqual({ phase: 'idle', finishing: true });
  encoder.want = want;
  await session.start(); // as soon as the encoder has ended
  await session.settled();
  expect(session.state.phase).toBe('on-air');
  await session.stop();
  expect(session.state).toEqual({ phase: 'idle' });
  expect(states).toEqual(['starting', 'on-air', 'stopping', 'idle', 'starting', 'on-air', 'stopping', 'idle']);
}, 20_000);

test('what a show leaves is put away behind, and told of', async () => {
  const { session, updates, encoder } = setUp();
  await session.start();
  let open = () => {};
  encoder.want = () => new Promise<void>((resolve) => void (open = resolve));
  await session.stop();
  expect(session.state).toEqual({ phase: 'idle', finishing: true });
  expect(updates).toHaveLength(1); // what nobody has to wait for is done already
  open();
  await session.settled();
  await expect.poll(() => session.state).toEqual({ phase: 'idle' });
});

test('a show that is still starting ends at once, wherever its start hangs', async () => {
  const startAndStop = async (hang: 'server' | 'store' | 'encoder' | 'headers') => {
    const { session, encoder, server, program, store } = setUp();
    const never = () => new Promise<never>(() => {});
    if (hang === 'server') server.whenRunning = never;
    if (hang === 'store') store.destinations.list = never;
    if (hang === 'encoder') encoder.want = never;
    if (hang === 'headers') encoder.want = async () => {};
    const started = (hang === 'server' ? session.rehearse(null) : session.start()).then(
      () => null,
      (error: unknown) => error,
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    const startMs = performance.now();
    await session.stop();
    expect(performance.now() - startMs).toBeLessThan(2_000);
    expect(await started).toMatchObject({ code: 'session.not-live' });
    expect(session.state.phase).toBe('idle');
    expect(program.wants.streaming).toBe(hang === 'encoder'); // its turn comes when the encoder answers
  };
  await Promise.all((['server', 'store', 'encoder', 'headers'] as const).map(startAndStop));
});

test('the last destination may go while a rehearsal starts', async () => {
  const { session, server, destinations } = setUp();
  destinations.push(rehearsal);
  server.whenRunning = () => Promise.reject(new StudioError('server.unavailable', 'Not yet.'));
  const starting = session.rehearse(null);
  expect(() => session.checkDestinations([{ ...nobody, enabled: false }])).not.toThrow();
  await expect(starting).rejects.toMatchObject({ code: 'server.unavailable' });
});
