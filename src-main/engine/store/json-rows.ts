import type { z } from 'zod';
import { StudioError } from '../../../src-shared/errors.ts';

export interface JsonRow {
  json: string;
}

/** Reads a row that was checked when it was written. @throws store.corrupt when it does not fit its schema */
export function fromJson<T extends z.ZodType>(schema: T, { json }: JsonRow): z.output<T> {
  const parsed = schema.safeParse(JSON.parse(json));
  if (parsed.success) return parsed.data;
  throw new StudioError(
    'store.corrupt',
    `A saved entry cannot be read (${parsed.error.issues[0]?.message ?? 'unknown'}). Restore a backup of the data file.`,
  );
}
