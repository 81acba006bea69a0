import type { MediaHeader, MediaPacket } from '../../process/packet.ts';

/** Which of a connection's tracks something belongs to. 0 is the default: the only one there was before Enhanced RTMP. */
export const trackOf = ({ track = 0 }: MediaHeader | MediaPacket): number => track;
