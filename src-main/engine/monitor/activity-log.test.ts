import { expect, test } from 'vitest';
import type { Activity } from '../../../src-shared/domain/index.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
import { ActivityLog } from './activity-log.ts';

const log: Log = { debug() {}, info() {}, warn() {}, error() {} };

test('lines the store did not take are shown, each under an id of its own', async () => {
  let full = false;
  let lastId = 0;
  const add = async (line: Omit<Activity, 'id'>) => {
    if (full) throw new Error('SQLITE_FULL');
    return { ...line, id: ++lastId };
  };
  const store = { activities: { list: async () => [], add } } as unknown as Store;
  const activities = await ActivityLog.open(store, () => {}, log);
  for (const isFull of [false, true, true, false, false]) {
    full = isFull;
    activities.add({ level: 'info', subject: 'Test', message: 'a line' });
    await activities.settled();
  }
  const ids = activities.list().map(({ id }) => id);
  expect(new Set(ids).size).toBe(5);
});
