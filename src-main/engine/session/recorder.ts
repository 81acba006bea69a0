/** Recording as the user sees it: start and stop, its encode, its row in the store. Independent of going live. */
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { Emitter, type Unsubscribe } from '../../../src-shared/disposable.ts';
import { type RecorderState, type Recording, RecordingId, type RenditionId } from '../../../src-shared/domain/index.ts';
import { StudioError, toFailure } from '../../../src-shared/errors.ts';
import type { Clock } from '../../process/clock.ts';
import type { EncoderSupervisor } from '../encoder/encoder-supervisor.ts';
import type { Emit } from '../events.ts';
import type { Log } from '../log.ts';
import type { ActivityLog } from '../monitor/activity-log.ts';
import { PartCutter } from '../record/part-cutter.ts';
import { planRecordingEncode } from '../record/plan.ts';
import type { ActiveRecording, RecordingHeaders, RecordingResult } from '../record/recording.ts';
import { RecordingFile } from '../record/recording-file.ts';
import { RECORDING_RENDITION, STREAM_RENDITION } from '../rendition/plan.ts';
import type { Store } from '../store/store.ts';
import { activeProfile } from './active-profile.ts';
import { handOver } from './hand-over.ts';
import type { Program } from './program.ts';
import { unlessAborted } from './unless-aborted.ts';

const THUMBNAIL_WIDTH_PX = 320;
/** by then the first picture of the scene has come */
const THUMBNAIL_AFTER_MS = 2_000;
const SUBJECT = 'Recording';

export interface RecorderOptions {
  program: Program;
  encoder: EncoderSupervisor;
  store: Store;
  activities: ActivityLog;
  clock: Clock;
  emit: Emit;
  log: Log;
  /** used when the profile names no folder */
  defaultFolder: string;
}

interface Active {
  id: RecordingId;
  file: ActiveRecording;
  /** of its parts */
  folder: string;
  cutter: PartCutter;
  unsubscribe: Unsubscribe;
  sinceUs: number;
  ownEncode: boolean;
  reason: string;
  thumbnailTimer: NodeJS.Timeout;
  /** JPEG */
  thumbnail: Uint8Array | null;
}

export class Recorder {
  /** a recording has begun */
  readonly started = new Emitter<null>();
  readonly #options: RecorderOptions;
  #active: Active | null = null;
  #failure: RecorderState & { phase: 'idle' } = { phase: 'idle', failure: null };
  #busy: Promise<unknown> = Promise.resolve();
  /** breaks off a move to the stream's encode */
  #move: AbortController | null = null;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  get state(): RecorderState {
    const active = this.#active;
    if (!active) return this.#failure;
    const { id, file, sinceUs, ownEncode, reason } = active;
    return { phase: 'recording', recordingId: id, sinceUs, path: file.path, sizeBytes: file.stats.sizeBytes, ownEncode, reason };
  }

  /** @throws StudioError record.already-recording, record.folder, record.disk-full, record.io, or the encoder's reason */
  start(): Promise<Recording> {
    return this.#serially(async () => {
      if (this.#active)
        throw new StudioError('record.already-recording', 'A recording is running already. Stop it before starting another.');
      try {
        return await this.#start();
      } catch (error) {
        const failure = toFailure(error);
        await this.#release();
        this.#end({ phase: 'idle', failure });
        throw error;
      }
    });
  }

  /** Closes the file. @throws StudioError record.not-recording */
  stop(): Promise<Recording> {
    this.#move?.abort();
    return this.#serially(async () => {
      const active = this.#active;
      if (!active) throw new StudioError('record.not-recording', 'No recording is running.');
      if (!active.thumbnail) await this.#takeThumbnail(active);
      await this.#release(); // the encoder flushes its last pictures into the file
      const last = await this.#withRest(active);
      return this.#finish(last, await last.file.close());
    });
  }

  /**
   * A show has begun beside a recording that has an encode of its own. Where two are too much, or not wanted, the
   * recording moves over to the stream's, in the same file. @param over fires when the show ends: a recording that has not
   * moved by then stays where it is
   */
  joinStream(over: AbortSignal): Promise<void> {
    this.#move = new AbortController();
    const signal = AbortSignal.any([over, this.#move.signal]);
    return this.#serially(() => this.#joinStream(signal));
  }

  async #joinStream(signal: AbortSignal): Promise<void> {
    const { program, log } = this.#options;
    const active = this.#active;
    const { profile } = program;
    if (signal.aborted || !active?.ownEncode || !profile || !program.streamsFirst) return;
    const { ownEncode, reason } = planRecordingEncode({ profile, logicalCores: availableParallelism(), streamRendition: profile.video });
    if (ownEncode) return;
    const [from, to] = [RECORDING_RENDITION, STREAM_RENDITION];
    const moving = program.change({ recording: 'moving' }); // the stream's encode keeps its size from now on
    // Opened anew for that, it first gives out what is left of a smaller size, IDRs among it; its header comes after those.
    const headers = moving.then(() => unlessAborted(Promise.all([program.headers(from), program.headers(to)]), signal));
    const whyNot = await headers.then(
      ([{ video: file }, { video }]) => (video.codec === file.codec ? null : `it is ${video.codec} now, and the file ${file.codec}`),
      String,
    );
    if (whyNot !== null) {
      if (!signal.aborted) log.warn(`recording: it keeps its own encode, since it cannot move to the stream's: ${whyNot}`);
      return program.change({ recording: 'own' });
    }
    const { moved, unsubscribe } = await handOver(program, active.cutter, { from, to, unsubscribe: active.unsubscribe, signal });
    active.unsubscribe = unsubscribe;
    if (!moved) {
      if (!signal.aborted) log.warn('recording: it keeps its own encode, since the stream gave no IDR');
      return program.change({ recording: 'own' });
    }
    Object.assign(active, { ownEncode, reason });
    log.info(`recording: ${reason}`);
    this.#changed();
    await program.change({ recording: 'shared' }, profile);
  }

  /**
   * Among the last pictures there may be those of another codec: their file is made here, since whatever waits for its turn
   * comes after the end. @returns the last part @throws StudioError why there cannot be one
   */
  async #withRest(active: Active): Promise<Active> {
    for (let next = active.cutter.waitsFor; next && this.#active; next = active.cutter.waitsFor) await this.#goOn(active.cutter, next);
    const last = this.#active;
    if (!last) {
      const { code, message } = this.#failure.failure ?? { code: 'record.io', message: 'The last pictures were not written.' };
      throw new StudioError(code, message);
    }
    if (!last.thumbnail && active.thumbnail) await this.#setThumbnail(last, active.thumbnail); // no picture comes any more
    return last;
  }

  async dispose(): Promise<void> {
    this.#move?.abort();
    await this.#busy;
    if (this.#active) await this.stop();
  }

  async #start(): Promise<Recording> {
    const { program, store, clock } = this.#options;
    const profile = program.profile ?? (await activeProfile(store));
    const folder = profile.recording.folder || this.#options.defaultFolder;
    await makeFolder(folder);
    const streamRendition = program.streamsFirst ? profile.video : null;
    const { ownEncode, reason } = planRecordingEncode({ profile, logicalCores: availableParallelism(), streamRendition });
    await program.change({ recording: ownEncode ? 'own' : 'shared' }, profile);
    const renditionId = ownEncode ? RECORDING_RENDITION : STREAM_RENDITION;
    const headers = await program.headers(renditionId);
    const file = await this.#createFile(folder, headers, renditionId);
    const recording = newRecording(file.path, headers);
    await store.recordings.insert(recording).catch(async (error: unknown) => {
      await file.close();
      throw error;
    });
    const cutter: PartCutter = new PartCutter(file, headers, {
      onCut: (next) => this.#orLog(() => this.#goOn(cutter, next)),
      requestIdr: () => this.#requestIdr(renditionId),
      log: (line) => this.#options.log.warn(line),
    });
    const unsubscribe = program.subscribe(renditionId, cutter);
    this.#begin({ id: recording.id, file, folder, cutter, unsubscribe, sinceUs: clock.nowUs(), ownEncode, reason });
    this.started.emit(null);
    return recording;
  }

  #createFile(folder: string, headers: RecordingHeaders, renditionId: RenditionId): Promise<RecordingFile> {
    const { activities, log } = this.#options;
    const creating: Promise<RecordingFile> = RecordingFile.createIn(folder, {
      ...headers,
      requestIdr: () => this.#requestIdr(renditionId),
      onFailure: (error) => this.#orLog(async () => this.#onFailure(await creating, error)),
      onDiskLow: ({ minutesLeft }) =>
        activities.add({
          level: 'warning',
          subject: SUBJECT,
          message: `The disk of ${folder} has room for about ${Math.round(minutesLeft)} minutes more. Free some space, or the recording will end.`,
        }),
      log: (line) => log.info(line),
    });
    return creating;
  }

  /** @param first the encode that the recording begins with */
  #requestIdr(first: RenditionId): void {
    this.#options.program.requestIdr(this.#active?.ownEncode === false ? STREAM_RENDITION : first);
  }

  #begin(begun: Omit<Active, 'thumbnailTimer' | 'thumbnail'>): void {
    const thumbnailTimer = setTimeout(() => void this.#takeThumbnail(active), THUMBNAIL_AFTER_MS);
    const active: Active = { ...begun, thumbnailTimer, thumbnail: null };
    this.#active = active;
    const { file, ownEncode, reason } = active;
    this.#options.log.info(`recording: ${file.path} (${ownEncode ? 'own encode' : 'shared encode'}: ${reason})`);
    this.#changed();
  }

  /** In another file, since the one so far cannot hold what comes now. */
  async #goOn(cutter: PartCutter, headers: RecordingHeaders): Promise<void> {
    const { store, activities, log } = this.#options;
    const before = this.#active;
    if (before?.cutter !== cutter) return;
    if (!before.thumbnail) void this.#takeThumbnail(before); // a part too short for its timer
    const closing = before.file.close();
    let file: RecordingFile;
    try {
      file = await this.#createFile(before.folder, headers, before.ownEncode ? RECORDING_RENDITION : STREAM_RENDITION);
    } catch (error) {
      return this.#onFailure(before.file, error);
    }
    cutter.adopt(file);
    const recording = newRecording(file.path, headers);
    const noted = store.recordings.insert(recording); // the file is whole without
    this.#begin({ ...before, id: recording.id, file });
    activities.add({
      level: 'info',
      subject: SUBJECT,
      message: `The recording goes on in a new file, since one file has one codec and one format of sound: ${file.path}. No picture is lost.`,
      event: { kind: 'recording-part', path: file.path },
    });
    await noted.catch((error: unknown) => log.error(`recording: not noted: ${String(error)}`));
    const result = await closing;
    if (result.failure) {
      const failure = toFailure(result.failure);
      activities.add({ level: 'error', subject: SUBJECT, failure, message: `${before.file.path}: ${failure.message}` });
    }
    await this.#put(before, result);
  }

  async #onFailure(file: ActiveRecording, error: unknown): Promise<void> {
    const active = this.#active;
    if (active?.file !== file) return;
    const failure = toFailure(error);
    this.#options.activities.add({ level: 'error', subject: SUBJECT, failure, message: failure.message });
    await this.#release();
    await this.#finish(active, await file.close()).catch((cause: unknown) => this.#options.log.error(`recording: ${String(cause)}`));
    this.#end({ phase: 'idle', failure });
  }

  async #finish(active: Active, result: RecordingResult): Promise<Recording> {
    active.unsubscribe();
    this.#end({ phase: 'idle', failure: result.failure ? toFailure(result.failure) : null });
    return this.#put(active, result);
  }

  /** What became of a file. */
  async #put(active: Active, result: RecordingResult): Promise<Recording> {
    clearTimeout(active.thumbnailTimer);
    const { durationMs, sizeBytes, widthPx, heightPx, framesWritten } = result;
    const status = framesWritten === 0 ? 'missing' : 'complete';
    const recording = await this.#options.store.recordings.update(active.id, { durationMs, sizeBytes, widthPx, heightPx, status });
    this.#changed();
    this.#options.log.info(`recording: closed ${active.file.path}, ${Math.round(durationMs)} ms`);
    return recording;
  }

  /** Never rejects, and asks nothing of the store: the file is closed whatever else is broken. */
  async #release(): Promise<void> {
    const { program, log } = this.#options;
    await program
      .change({ recording: 'none' })
      .catch((error: unknown) => log.warn(`recording: the encoder did not end in order: ${String(error)}`));
  }

  async #takeThumbnail(active: Active): Promise<void> {
    const jpeg = await this.#options.encoder.thumbnail(THUMBNAIL_WIDTH_PX).catch(() => null); // a process that ends just now
    if (jpeg) await this.#setThumbnail(active, jpeg);
  }

  async #setThumbnail(active: Active, jpeg: Uint8Array): Promise<void> {
    const { store, log } = this.#options;
    active.thumbnail = jpeg;
    await store.recordings.setThumbnail(active.id, jpeg).catch((error: unknown) => log.warn(`recording: no thumbnail: ${String(error)}`));
    this.#changed();
  }

  #end(state: RecorderState & { phase: 'idle' }): void {
    this.#active = null;
    this.#failure = state;
    this.#options.emit('recorder.changed', this.state);
  }

  #changed(): void {
    const { emit, store, log } = this.#options;
    emit('recorder.changed', this.state);
    store.recordings.list().then(
      (recordings) => emit('recordings.changed', recordings),
      (error: unknown) => log.warn(`recording: the list is not to be had: ${String(error)}`),
    );
  }

  #orLog(action: () => Promise<void>): void {
    void this.#serially(action).catch((cause: unknown) => this.#options.log.error(`recording: ${String(cause)}`));
  }

  #serially<T>(action: () => Promise<T>): Promise<T> {
    const done = this.#busy.then(action);
    this.#busy = done.catch(() => {});
    return done;
  }
}

function newRecording(path: string, { video: { widthPx, heightPx } }: RecordingHeaders): Recording {
  return {
    id: RecordingId.parse(randomUUID()),
    path,
    startedAtMs: Date.now(),
    durationMs: 0,
    sizeBytes: 0,
    widthPx,
    heightPx,
    status: 'recording',
    hasThumbnail: false,
  };
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw new StudioError('record.folder', `The recordings folder ${folder} cannot be made. Choose another in Settings.`, { cause });
  });
}
