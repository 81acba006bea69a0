/** Where the user hears what is monitored: the system's output, or a device of their choice. */
export class MonitorOutput {
  readonly #context: AudioContext;
  readonly #toSystem: GainNode;
  readonly #stream: MediaStreamAudioDestinationNode;
  #element: HTMLAudioElement | null = null;

  /** @param node what is monitored; it keeps running by being connected here */
  constructor(context: AudioContext, node: AudioNode) {
    this.#context = context;
    this.#toSystem = new GainNode(context);
    this.#stream = new MediaStreamAudioDestinationNode(context);
    node.connect(this.#toSystem).connect(context.destination);
    node.connect(this.#stream);
  }

  /**
   * The context itself stays on the system's output: changing its device would interrupt the program.
   * @param deviceId of an audiooutput; null is the system's. One that cannot be used leaves the system's in place
   */
  async use(deviceId: string | null): Promise<void> {
    this.#element?.pause();
    this.#element = null;
    this.#toSystem.gain.value = 1;
    if (deviceId === null) return;
    const element = new Audio();
    element.srcObject = this.#stream.stream;
    await element.setSinkId(deviceId);
    await element.play();
    this.#element = element;
    this.#toSystem.gain.setValueAtTime(0, this.#context.currentTime);
  }

  dispose(): void {
    this.#element?.pause();
  }
}
