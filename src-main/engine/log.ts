/** Where the engine writes its log; pino's logger fits. Stream keys never appear at any level. */
export interface Log {
  /** the user loses something */
  error(line: string): void;
  /** we recovered */
  warn(line: string): void;
  /** one line a lifecycle change */
  info(line: string): void;
  debug(line: string): void;
}
