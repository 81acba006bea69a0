/** Append only: index + 1 is the schema version. A released migration is never changed. */
import type { Migration } from '../migrate.ts';
import { first } from './001-first.ts';
import { metrics } from './002-metrics.ts';

export const MIGRATIONS: readonly Migration[] = [first, metrics];
