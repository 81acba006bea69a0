/** What an AudioWorkletGlobalScope has, as far as it is used. @see https://webaudio.github.io/web-audio-api/#AudioWorkletGlobalScope */
declare abstract class AudioWorkletProcessor {
  readonly port: MessagePort;
  abstract process(inputs: Float32Array[][], outputs: Float32Array[][]): boolean;
}
declare function registerProcessor(name: string, processor: new (options: AudioWorkletNodeOptions) => AudioWorkletProcessor): void;
declare const currentFrame: number;
