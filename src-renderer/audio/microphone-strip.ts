/** One microphone in the mixer: device → gain → meter → mute → mix. The meter lies before the mute, so that one sees whether there is sound. */
import type { AudioInput } from '../../src-shared/domain/index.ts';
import { AUDIO_CHANNELS, dbToGain } from '../../src-shared/units.ts';
import { DeviceSession, type DeviceState } from '../compositor/capture/device-session.ts';
import { findDevice } from '../compositor/capture/find-device.ts';
import type { Levels } from './levels.ts';

/** A change of gain is spread over this time, so that it does not click. */
const RAMP_S = 0.01;

export interface StripEvents {
  onState: (state: DeviceState) => void;
  onLevels: (levels: Levels) => void;
}

export class MicrophoneStrip {
  readonly #context: AudioContext;
  readonly #events: StripEvents;
  readonly #gain: GainNode;
  readonly #mute: GainNode;
  readonly #meter: AudioWorkletNode;
  #session: DeviceSession | null = null;
  #sessionKey = '';
  #node: MediaStreamAudioSourceNode | null = null;

  constructor(context: AudioContext, mix: AudioNode, events: StripEvents) {
    this.#context = context;
    this.#events = events;
    this.#gain = new GainNode(context);
    this.#mute = new GainNode(context);
    this.#meter = new AudioWorkletNode(context, 'tidecast-strip', {
      channelCount: AUDIO_CHANNELS,
      channelCountMode: 'explicit',
      outputChannelCount: [AUDIO_CHANNELS],
    });
    this.#meter.port.onmessage = ({ data }: MessageEvent<Levels>) => this.#node && events.onLevels(data);
    this.#gain.connect(this.#meter).connect(this.#mute).connect(mix);
  }

  update(input: AudioInput): void {
    const now = this.#context.currentTime;
    this.#gain.gain.setTargetAtTime(dbToGain(input.gainDb), now, RAMP_S);
    this.#mute.gain.setTargetAtTime(input.muted ? 0 : 1, now, RAMP_S);
    const key = JSON.stringify([input.deviceId, input.deviceLabel, input.echoCancellation, input.noiseSuppression, input.autoGainControl]);
    if (key === this.#sessionKey) return;
    this.#sessionKey = key;
    this.#session?.dispose();
    this.#session = new DeviceSession({
      device: 'microphone',
      name: input.name,
      open: () => openMicrophone(input),
      onState: (state) => this.#onState(state),
    });
    void this.#session.start();
  }

  retry(): void {
    void this.#session?.start();
  }

  dispose(): void {
    this.#session?.dispose();
    this.#node?.disconnect();
    this.#gain.disconnect();
    this.#meter.disconnect();
    this.#mute.disconnect();
  }

  #onState(state: DeviceState): void {
    this.#node?.disconnect();
    this.#node = null;
    if (state.phase === 'ready') {
      this.#node = this.#context.createMediaStreamSource(state.stream);
      this.#node.connect(this.#gain);
    }
    this.#events.onState(state);
  }
}

async function openMicrophone(input: AudioInput): Promise<MediaStream> {
  const deviceId = await findDevice('audioinput', input);
  const { echoCancellation, noiseSuppression, autoGainControl } = input;
  return navigator.mediaDevices.getUserMedia({
    audio: { ...(deviceId && { deviceId }), echoCancellation, noiseSuppression, autoGainControl },
  });
}
