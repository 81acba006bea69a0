/**
 * What client and server tell each other of Enhanced RTMP with connect, and what may be sent after that. Pure.
 * @see Veovera, Enhanced RTMP v2, Enhancing NetConnection connect Command
 */
import { type AmfObject, type AmfValue, asObject } from '../amf0.ts';
import type { FourCc } from '../flv-extended.ts';
import { AUDIO_FOURCC } from '../flv-extended-audio.ts';
import { VIDEO_FOURCC } from '../flv-extended-video.ts';
import type { Command } from './command.ts';

/** CapsExMask */
export const CAPS = { reconnect: 1, multitrack: 2, modEx: 4, nanoOffset: 8 } as const;
/** FourCcInfoMask */
const INFO = { decode: 1, encode: 2, forward: 4 } as const;
const ANY = '*';
/** VP9 comes from others only */
const FORWARDED = { video: [...Object.values(VIDEO_FOURCC), 'vp09'], audio: Object.values(AUDIO_FOURCC) };

export type VideoCodecName = keyof typeof VIDEO_FOURCC;
export type AudioCodecName = keyof typeof AUDIO_FOURCC;
export type CodecName = VideoCodecName | AudioCodecName;

/** What a show is made of, as far as the server must know before the first picture. */
export interface EnhancedNeeds {
  video: VideoCodecName;
  audio: AudioCodecName;
  /** several pictures or sounds on one connection */
  multitrack: boolean;
}

export const needsEnhanced = ({ video, audio, multitrack }: EnhancedNeeds): boolean => video !== 'h264' || audio !== 'aac' || multitrack;

/**
 * Beside connect's other properties. An ordinary show (H.264 and AAC, one of each) names codecs in v1's form alone, as OBS
 * does in every show: its codec may change, and a server that was asked needs no other connection then.
 * @param needs null: the user wants none of it, so nothing is announced but that we can be asked to reconnect
 */
export function connectProperties(needs: EnhancedNeeds | null): AmfObject {
  if (!needs) return { capsEx: CAPS.reconnect };
  const fourCcList = [...Object.values(VIDEO_FOURCC), ...Object.values(AUDIO_FOURCC)];
  if (!needsEnhanced(needs)) return { capsEx: CAPS.reconnect, fourCcList };
  const encodes = (codes: Record<string, FourCc>) => Object.fromEntries(Object.values(codes).map((fourCc) => [fourCc, INFO.encode]));
  return {
    capsEx: CAPS.reconnect | CAPS.multitrack | CAPS.modEx | CAPS.nanoOffset,
    fourCcList,
    videoFourCcInfoMap: encodes(VIDEO_FOURCC),
    audioFourCcInfoMap: encodes(AUDIO_FOURCC),
  };
}

/** What a client names in its connect command is Enhanced RTMP. */
export function isEnhancedClient(connect: Command): boolean {
  const named = asObject(connect.object) ?? {};
  return ['fourCcList', 'videoFourCcInfoMap', 'audioFourCcInfoMap'].some((name) => named[name] !== undefined);
}

/**
 * What a server says that passes on what it gets, in its reply to a client that knows of it: by v1 a list, by v2 what it
 * does with each codec. It takes several tracks and reads past modifiers; its times are whole milliseconds, and it never
 * asks a publisher to connect anew.
 */
export function forwarderProperties(): AmfObject {
  const forwards = (codes: readonly FourCc[]) => Object.fromEntries(codes.map((fourCc) => [fourCc, INFO.forward]));
  return {
    capsEx: CAPS.multitrack | CAPS.modEx,
    fourCcList: [...FORWARDED.video, ...FORWARDED.audio],
    videoFourCcInfoMap: forwards(FORWARDED.video),
    audioFourCcInfoMap: forwards(FORWARDED.audio),
  };
}

/** What a server said of itself in its reply; null: nothing. */
export interface ServerSupport {
  capsEx: number | null;
  /** v1: codecs of both kinds */
  list: readonly FourCc[] | null;
  /** v2: flags by codec */
  video: ReadonlyMap<FourCc, number> | null;
  audio: ReadonlyMap<FourCc, number> | null;
}

export const SILENT_SERVER: ServerSupport = { capsEx: null, list: null, video: null, audio: null };

/** @param reply connect's _result. Servers put it beside their version or beside the status */
export function serverSupport(reply: Command): ServerSupport {
  const objects = [reply.object, ...reply.args].map(asObject).filter((entries) => entries !== null);
  const find = (name: string): AmfValue => objects.find((entries) => entries[name] !== undefined)?.[name];
  const capsEx = find('capsEx');
  return {
    capsEx: typeof capsEx === 'number' && Number.isInteger(capsEx) && capsEx >= 0 ? capsEx : null,
    list: textsOf(find('fourCcList')),
    video: flagsOf(find('videoFourCcInfoMap')),
    audio: flagsOf(find('audioFourCcInfoMap')),
  };
}

/** legacy: the tags of old, H.264 and AAC only. extended: with four-character codecs. Otherwise why not */
export type Form = 'legacy' | 'extended' | 'server-silent' | 'server-lacks-it' | 'declined';

export interface Agreement {
  /** @param track 0 is the one that every server knows, in the old form where there is one */
  form: (codec: CodecName, track?: number) => Form;
  /** times may be finer than a millisecond */
  nanoOffset: boolean;
}

/**
 * What may be sent to a server.
 * @param trusted the user says that the server takes what it does not announce. Many do: v1 servers only listen, and
 *   FFmpeg does not even do that
 * @param trustedCodecs as much is known of the platform, for one track of each kind
 * @param declined the user says that it is to get nothing but what was there before, whatever it announces
 */
export function agree(
  support: ServerSupport,
  { trusted, trustedCodecs = trusted, declined = false }: { trusted: boolean; trustedCodecs?: boolean | undefined; declined?: boolean },
): Agreement {
  const caps = support.capsEx ?? 0;
  const formOf = (takes: boolean | null, isTrusted = trusted || trustedCodecs): Form => {
    if (declined) return 'declined';
    if (takes === true || (isTrusted && takes === null)) return 'extended';
    return takes === null ? 'server-silent' : 'server-lacks-it';
  };
  return {
    form: (codec, track = 0) => {
      if (track === 0) return codec === 'h264' || codec === 'aac' ? 'legacy' : formOf(takesCodec(support, codec));
      const several = formOf(support.capsEx === null ? null : (caps & CAPS.multitrack) !== 0, trusted);
      return several === 'extended' ? formOf(takesCodec(support, codec)) : several;
    },
    nanoOffset: (caps & CAPS.modEx) !== 0 && (caps & CAPS.nanoOffset) !== 0,
  };
}

/** @returns null when the server says nothing about it */
function takesCodec(support: ServerSupport, codec: CodecName): boolean | null {
  const isVideo = codec in VIDEO_FOURCC;
  const fourCc = isVideo ? VIDEO_FOURCC[codec as VideoCodecName] : AUDIO_FOURCC[codec as AudioCodecName];
  const map = isVideo ? support.video : support.audio;
  // the wildcard's flags stand for every codec's own
  if (map) return ((map.get(ANY) ?? map.get(fourCc) ?? 0) & (INFO.decode | INFO.forward)) !== 0;
  return support.list && (support.list.includes(ANY) || support.list.includes(fourCc));
}

function textsOf(value: AmfValue): FourCc[] | null {
  const values = Array.isArray(value) ? value : Object.values(asObject(value) ?? {}); // an array, in one of AMF's two kinds
  if (!Array.isArray(value) && !asObject(value)) return null;
  return values.filter((entry) => typeof entry === 'string');
}

function flagsOf(value: AmfValue): Map<FourCc, number> | null {
  const entries = asObject(value);
  return entries && new Map(Object.entries(entries).filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
}
