/** Bytes that break their format. The message names the field, never its contents, so it may be logged. */
export class WireError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WireError';
  }
}
