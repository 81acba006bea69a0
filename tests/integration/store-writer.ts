/** Writes to a store as fast as it can until it is killed, and says on standard output what has been committed. */
import { openStore } from '../../src-main/engine/store/client.ts';

const [directory = ''] = process.argv.slice(2);
const store = await openStore(directory);
for (;;) {
  const { revision, collection } = await store.collection.get();
  const saved = await store.collection.save({ baseRevision: revision, collection: { ...collection, name: `revision ${revision + 1}` } });
  const { id } = await store.activities.add({
    atMs: saved.revision,
    level: 'info',
    subject: 'writer',
    failure: null,
    message: 'x'.repeat(2_000),
  });
  process.stdout.write(`${JSON.stringify({ revision: saved.revision, id })}\n`);
}
