/**
 * For filters that need to know what is in a picture. A model looks at it in a worker of its own, ten or fifteen times
 * a second, and a filter goes by the newest answer: never on the compositor's thread, never waited for.
 */

/** What a model has found, and in which picture. */
export interface FrameAnalysis {
  /** engine time of the picture that was looked at */
  atUs: number;
  /** how much of each pixel is the person, 0..255, over the whole picture */
  mask: { widthPx: number; heightPx: number; plane: Uint8Array } | null;
  /** x, y, z of each landmark of a face, in 0..1 of the picture; empty: no face */
  landmarks: Float32Array | null;
}

/** Where the analyses come from. One for the whole compositor; it is asked for each picture that has such a filter. */
export interface FrameAnalyser {
  /**
   * Offers a source's picture and answers with the newest result at once. It takes the picture only when its model is
   * free and it is time for one.
   * @param rate how many a second are wanted at most; the frame budget lowers it
   */
  analyse(sourceId: string, picture: CanvasImageSource, atUs: number, rate: number): FrameAnalysis | null;
  /** the source is gone, or needs none any more */
  forget(sourceId: string): void;
}
