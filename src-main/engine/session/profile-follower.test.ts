import { expect, test, vi } from 'vitest';
import { DEFAULT_PROFILE, type Profile } from '../../../src-shared/domain/index.ts';
import { StudioError } from '../../../src-shared/errors.ts';
import { ProfileFollower } from './profile-follower.ts';
import { LateEncodeError } from './program.ts';

const sized = (heightPx: number): Profile => ({ ...DEFAULT_PROFILE, video: { ...DEFAULT_PROFILE.video, heightPx } });

/** A show that runs with the default profile. */
class Show {
  running: Profile | null = DEFAULT_PROFILE;
  saved = DEFAULT_PROFILE;
  recording = false;
  readonly applied: number[] = [];
  readonly said: (string | undefined)[] = [];
  apply = async (_: Profile): Promise<void> => {};
  readonly follower = new ProfileFollower({
    saved: async () => this.saved,
    running: () => this.running,
    isRecording: () => this.recording,
    apply: async (profile) => {
      this.applied.push(profile.video.heightPx);
      if (this.running) this.running = profile; // the plan is the new one, whatever becomes of it
      await this.apply(profile);
    },
    activities: { add: ({ event }) => void this.said.push(event?.kind) },
    log: { warn: (line) => void this.said.push(line) },
  });

  async save(profile: Profile): Promise<void> {
    this.saved = profile;
    await this.follower.refresh();
  }
}

test('what is saved is used and told; what is not changed is not', async () => {
  const show = new Show();
  await show.save(DEFAULT_PROFILE);
  expect([show.applied, show.said]).toEqual([[], []]);
  await show.save(sized(480));
  await show.save({ ...sized(480), name: 'Small' });
  expect([show.applied, show.said]).toEqual([[480, 480], ['settings-live']]);
});

test('without a show nothing follows', async () => {
  const show = new Show();
  show.running = null;
  await show.save(sized(480));
  expect([show.applied, show.said]).toEqual([[], []]);
});

test('of several in a row the last counts', async () => {
  const show = new Show();
  show.apply = async () => {
    show.apply = async () => {};
    for (const heightPx of [360, 1_080]) void show.save(sized(heightPx)); // while the first is being applied
  };
  await show.save(sized(480));
  expect(show.applied).toEqual([480, 1_080]);
});

test('what an encoder cannot do is told once, and what was before goes on', async () => {
  const show = new Show();
  show.apply = async ({ video: { heightPx } }) => {
    if (heightPx === 64) throw new StudioError('encoder.open-failed', 'Too small.');
  };
  await show.save(sized(64));
  expect(show.applied).toEqual([64, 720]);
  expect(show.said).toEqual(['settings-kept']);
  await show.follower.refresh();
  expect(show.applied).toHaveLength(2);
  await show.save(sized(480));
  expect(show.applied.at(-1)).toBe(480);
  await show.save(sized(64)); // something else was saved meanwhile: it is tried again
  expect(show.applied.slice(-2)).toEqual([64, 480]);
});

test('a show that ends meanwhile has no profile to go back to', async () => {
  const show = new Show();
  show.apply = async () => {
    show.running = null;
    throw new StudioError('encoder.open-failed', 'It was ended.');
  };
  await show.save(sized(480));
  expect([show.applied, show.said]).toEqual([[480], []]);
});

test('a recording that runs keeps its folder and its encode, which is said', async () => {
  const show = new Show();
  const other = { ...DEFAULT_PROFILE, recording: { ...DEFAULT_PROFILE.recording, folder: '/films' } };
  await show.save(other);
  show.recording = true;
  await show.save(DEFAULT_PROFILE);
  expect(show.said).toEqual(['settings-later']);
});

test('a store that does not answer is logged', async () => {
  const show = new Show();
  Object.defineProperty(show, 'saved', { get: () => Promise.reject(new Error('gone')) });
  await show.follower.refresh();
  expect(show.said).toEqual(['profile: not followed: Error: gone']);
});

test.each([
  ['an encode that was only late', new LateEncodeError()],
  ['a crash', new StudioError('encoder.crashed', 'It crashed.')],
])('%s is no reason to refuse the same settings again', async (_, error) => {
  const show = new Show();
  show.apply = async () => {
    show.apply = async () => {};
    throw error;
  };
  await show.save(sized(480));
  await show.save(sized(480));
  expect(show.applied).toEqual([480, 720, 480]);
  expect(show.said).toEqual(['settings-kept', 'settings-live']);
});

test('the way back is tried again, and that it has failed is told; whatever is saved next is applied', async () => {
  vi.useFakeTimers();
  try {
    const show = new Show();
    show.apply = async () => {
      throw new StudioError('encoder.open-failed', 'No device.');
    };
    const saved = show.save(sized(480));
    await vi.advanceTimersByTimeAsync(10_000);
    await saved;
    expect(show.applied).toEqual([480, 720, 720, 720]);
    expect(show.said.at(-1)).toBe('settings-lost');
    show.apply = async () => {};
    await show.save(DEFAULT_PROFILE);
    expect(show.applied.slice(4)).toEqual([720]);
    await show.save(DEFAULT_PROFILE);
    expect(show.applied).toHaveLength(5);
  } finally {
    vi.useRealTimers();
  }
});

test('a way back that succeeds at the second try is told as one', async () => {
  vi.useFakeTimers();
  try {
    const show = new Show();
    let fails = 2;
    show.apply = async () => {
      if (fails-- > 0) throw new StudioError('encoder.open-failed', 'No device.');
    };
    const saved = show.save(sized(480));
    await vi.advanceTimersByTimeAsync(10_000);
    await saved;
    expect(show.applied).toEqual([480, 720, 720]);
    expect(show.said.at(-1)).toBe('settings-kept');
  } finally {
    vi.useRealTimers();
  }
});
