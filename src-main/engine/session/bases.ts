/** The encodes that the destinations' settings ask for. */
import type { OwnVideo, RenditionId } from '../../../src-shared/domain/index.ts';

/** by encode, what it is to have in the place of the show's video; null: that */
export type Bases = ReadonlyMap<RenditionId, OwnVideo | null>;
