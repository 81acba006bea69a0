/** The encodes that the destinations' settings ask for. */
import type { OwnVideo, RenditionId } from '../../../src-shared/domain/index.ts';
import { type Failure, toFailure } from '../../../src-shared/errors.ts';
import type { Program } from './program.ts';

/** by encode, what it is to have in the place of the show's video; null: that */
export type Bases = ReadonlyMap<RenditionId, OwnVideo | null>;

/**
 * Waits until each has come up, or has not in time: one destination's slow encode must not cost the others the show.
 * @returns why those that are not there yet are not @throws StudioError why the first is not, when none is there
 */
export async function comeUp(program: Program, bases: Bases): Promise<ReadonlyMap<RenditionId, Failure>> {
  const late = new Map<RenditionId, Failure>();
  let why: unknown;
  const wait = (id: RenditionId) =>
    program.headers(id).catch((error: unknown) => {
      why ??= error;
      late.set(id, toFailure(error));
    });
  await Promise.all([...bases.keys()].map(wait));
  if (late.size === bases.size) throw why;
  return late;
}
