/** The movie box of a fragmented file (its samples follow in fragments) and of a plain one (all samples are in its tables). */
import { ascii, box, concat, fullBox, u8, u16, u32, u64 } from './box.ts';
import { emptyTables, type SampleTable } from './sample-table.ts';
import { stsd, type Track, type VideoTrack } from './track.ts';

/** Ticks per second of the movie's own times (durations and edits): that of sound, so that a late start of it is exact. */
const MOVIE_TIMESCALE = 48_000;
/** Seconds from 1904, where the format's times begin, to 1970. */
const EPOCH_1904_S = 2_082_844_800;
const IDENTITY_MATRIX = u32(0x0001_0000, 0, 0, 0, 0x0001_0000, 0, 0, 0, 0x4000_0000);

/**
 * iso6 for fragments whose offsets count from their moof, mp42 and the codec's own for players of plain files. Of the same
 * length for all.
 */
export function ftyp(codec: VideoTrack['codec']): Uint8Array {
  const brand = { h264: 'avc1', hevc: 'hvc1', av1: 'av01' }[codec];
  return box('ftyp', ascii('iso6'), u32(0x200), ascii(`iso6isommp42${brand}`));
}

/**
 * ftyp and moov of a fragmented file: playable from here on with every whole fragment that follows.
 * @param createdAtMs since 1970
 * @see ISO/IEC 14496-12, 8.8
 */
export function initSegment(tracks: readonly Track[], createdAtMs: number): Uint8Array {
  const video = tracks.find((track) => track.kind === 'video');
  return concat([ftyp(video?.codec ?? 'h264'), fragmentedMoov(tracks, createdAtMs)]);
}

/** The moov of a fragmented file: no samples, but the defaults of the fragments to come. */
export function fragmentedMoov(tracks: readonly Track[], createdAtMs: number): Uint8Array {
  const createdS = secondsSince1904(createdAtMs);
  const traks = tracks.map((track) =>
    trak(track, { createdS, durationTicks: 0, edits: [edit(0, track.startTicks)], tables: emptyTables() }),
  );
  return moov(tracks, createdS, 0, [...traks, box('mvex', ...tracks.map(trex))]);
}

export interface TrackSamples {
  track: Track;
  samples: SampleTable;
}

/** The moov of a plain file. Its chunk offsets are those given to the tables. */
export function plainMoov(tracks: readonly TrackSamples[], createdAtMs: number): Uint8Array {
  const createdS = secondsSince1904(createdAtMs);
  const filled = tracks.filter(({ samples }) => samples.count > 0);
  const durations = filled.map(presentedMovieTicks);
  const traks = filled.map(({ track, samples }) =>
    trak(track, {
      createdS,
      durationTicks: samples.endTicks - samples.startTicks,
      edits: plainEdits(track, samples),
      tables: samples.boxes(),
    }),
  );
  return moov(
    filled.map(({ track }) => track),
    createdS,
    Math.max(0, ...durations),
    traks,
  );
}

/** In a plain file media time 0 is the first sample's decode time, so a late start becomes an empty edit. */
function plainEdits(track: Track, samples: SampleTable): Uint8Array[] {
  const lateTicks = Math.max(0, samples.startTicks - track.startTicks);
  const presented = toMovieTicks(samples.presentedEndTicks - Math.max(samples.startTicks, track.startTicks), track);
  const shown = edit(presented, Math.max(0, track.startTicks - samples.startTicks));
  return lateTicks > 0 ? [edit(toMovieTicks(lateTicks, track), null), shown] : [shown];
}

const secondsSince1904 = (timeMs: number) => Math.floor(timeMs / 1_000) + EPOCH_1904_S;

const presentedMovieTicks = ({ track, samples }: TrackSamples) => toMovieTicks(samples.presentedEndTicks - track.startTicks, track);

const toMovieTicks = (ticks: number, track: Track) => Math.ceil((Math.max(0, ticks) * MOVIE_TIMESCALE) / track.timescale);

/** @see ISO/IEC 14496-12, 8.2 */
function moov(tracks: readonly Track[], createdS: number, durationMovieTicks: number, children: Uint8Array[]): Uint8Array {
  const nextTrackId = 1 + Math.max(0, ...tracks.map((track) => track.id));
  const mvhd = fullBox(
    'mvhd',
    1,
    0,
    u64(createdS, createdS),
    u32(MOVIE_TIMESCALE),
    u64(durationMovieTicks),
    u32(0x0001_0000), // rate 1
    u16(0x0100), // volume 1
    new Uint8Array(10),
    IDENTITY_MATRIX,
    new Uint8Array(24),
    u32(nextTrackId),
  );
  return box('moov', mvhd, ...children);
}

interface TrackContent {
  createdS: number;
  durationTicks: number;
  edits: Uint8Array[];
  tables: Uint8Array[];
}

/** @see ISO/IEC 14496-12, 8.3 to 8.5 */
function trak(track: Track, { createdS, durationTicks, edits, tables }: TrackContent): Uint8Array {
  const [width, height] = track.kind === 'video' ? [track.widthPx, track.heightPx] : [0, 0];
  const tkhd = fullBox(
    'tkhd',
    1,
    3, // enabled, in the movie
    u64(createdS, createdS),
    u32(track.id, 0),
    u64(toMovieTicks(durationTicks, track)),
    new Uint8Array(8),
    u16(0, 0, track.kind === 'audio' ? 0x0100 : 0, 0), // layer, group, volume
    IDENTITY_MATRIX,
    u16(width, 0, height, 0), // 16.16
  );
  const mdhd = fullBox('mdhd', 1, 0, u64(createdS, createdS), u32(track.timescale), u64(durationTicks), u16(0x55c4, 0)); // "und"
  const stbl = box('stbl', stsd(track), ...tables);
  const minf = box('minf', mediaHeader(track), box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1))), stbl);
  const edts = box('edts', fullBox('elst', 1, 0, u32(edits.length), ...edits));
  return box('trak', tkhd, edts, box('mdia', mdhd, hdlr(track), minf));
}

const mediaHeader = (track: Track) => (track.kind === 'video' ? fullBox('vmhd', 0, 1, u16(0, 0, 0, 0)) : fullBox('smhd', 0, 0, u16(0, 0)));

function hdlr(track: Track): Uint8Array {
  const [type, name] = track.kind === 'video' ? ['vide', 'Video'] : ['soun', 'Audio'];
  return fullBox('hdlr', 0, 0, u32(0), ascii(type), u32(0, 0, 0), ascii(name), u8(0));
}

/**
 * @param durationMovieTicks 0 in a fragmented file: to the end, whatever comes
 * @param mediaTicks null for an empty edit (nothing is presented)
 * @see ISO/IEC 14496-12, 8.6.6
 */
function edit(durationMovieTicks: number, mediaTicks: number | null): Uint8Array {
  const mediaTime = mediaTicks === null ? u32(0xffff_ffff, 0xffff_ffff) : u64(mediaTicks);
  return concat([u64(durationMovieTicks), mediaTime, u16(1, 0)]);
}

const trex = (track: Track) => fullBox('trex', 0, 0, u32(track.id, 1, 0, 0, 0));
