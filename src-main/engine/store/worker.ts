/** The store's thread: the only place where SQLite runs. One call at a time, in the order they came. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Database } from 'better-sqlite3';
import { type Result, StudioError, toFailure } from '../../../src-shared/errors.ts';
import { diskFull } from './disk-full.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { openDatabase } from './open-database.ts';
import { type FromWorker, storeCalls, type ToWorker } from './protocol.ts';
import { assetHandlers } from './tables/assets.ts';
import { collectionHandlers } from './tables/collection.ts';
import { destinationHandlers } from './tables/destinations.ts';
import type { Handlers } from './tables/handlers.ts';
import { activityHandlers, sessionHandlers } from './tables/journal.ts';
import { metricHandlers } from './tables/metrics.ts';
import { profileHandlers } from './tables/profiles.ts';
import { recordingHandlers } from './tables/recordings.ts';
import { settingHandlers } from './tables/settings.ts';

const send = (message: FromWorker) => parentPort?.postMessage(message);
const { directory } = workerData as { directory: string };

try {
  const { database, incidents } = openDatabase({ directory, migrations: MIGRATIONS, log: (line) => send({ type: 'log', line }) });
  serve(database);
  send({ type: 'opened', opened: { ok: true, value: { incidents } } });
} catch (error) {
  send({ type: 'opened', opened: { ok: false, ...toFailure(diskFull(error)) } });
  parentPort?.close();
}

function serve(database: Database): void {
  const handlers: Handlers = {
    ...profileHandlers(database),
    ...collectionHandlers(database),
    ...destinationHandlers(database),
    ...recordingHandlers(database),
    ...assetHandlers(database, directory),
    ...activityHandlers(database),
    ...sessionHandlers(database),
    ...metricHandlers(database),
    ...settingHandlers(database),
    close: () => void database.close(),
  };
  parentPort?.on('message', (call: ToWorker) => {
    send({ type: 'reply', id: call.id, result: answer(handlers, call) });
    if (call.name === 'close') parentPort?.close();
  });
}

function answer(handlers: Handlers, { name, input }: ToWorker): Result<unknown> {
  try {
    const parsed = storeCalls[name].input.safeParse(input);
    if (!parsed.success) throw new StudioError('ipc.bad-input', `${name}: ${parsed.error.issues[0]?.message ?? 'does not fit its schema'}`);
    const handle = handlers[name] as (value: unknown) => unknown;
    return { ok: true, value: handle(parsed.data) };
  } catch (error) {
    return { ok: false, ...toFailure(diskFull(error)) };
  }
}
