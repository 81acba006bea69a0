import type { Migration } from '../migrate.ts';

export const metrics: Migration = {
  name: 'metrics',
  up(database) {
    database.exec(`
      CREATE TABLE metric_samples (
        step_s INTEGER NOT NULL CHECK (step_s IN (10, 300)),
        at_ms INTEGER NOT NULL,
        json TEXT NOT NULL CHECK (json_valid(json)),
        PRIMARY KEY (step_s, at_ms)
      ) STRICT, WITHOUT ROWID;
    `);
  },
};
