/** How long passes take on the GPU, where it tells (EXT_disjoint_timer_query_webgl2); else on this thread. */

/** the extension's constants */
const TIME_ELAPSED = 0x88bf;
const GPU_DISJOINT = 0x8fbb;
/** answers are some pictures late; more than this never come */
const WAITING_MAX = 64;

export class GlTimer {
  readonly #gl: WebGL2RenderingContext;
  readonly #extension: object | null;
  readonly #report: (ids: readonly string[], ms: number) => void;
  readonly #waiting: { query: WebGLQuery; ids: readonly string[] }[] = [];
  #now: { ids: readonly string[]; startMs: number; query: WebGLQuery | null } | null = null;

  constructor(gl: WebGL2RenderingContext, report: (ids: readonly string[], ms: number) => void) {
    this.#gl = gl;
    this.#extension = gl.getExtension('EXT_disjoint_timer_query_webgl2');
    this.#report = report;
  }

  begin(ids: readonly string[]): void {
    const query = this.#extension && this.#waiting.length < WAITING_MAX ? this.#gl.createQuery() : null;
    if (query) this.#gl.beginQuery(TIME_ELAPSED, query);
    this.#now = { ids, startMs: performance.now(), query };
  }

  end(): void {
    if (!this.#now) return;
    const { ids, startMs, query } = this.#now;
    this.#now = null;
    if (query) {
      this.#gl.endQuery(TIME_ELAPSED);
      this.#waiting.push({ query, ids });
    } else if (!this.#extension) this.#report(ids, performance.now() - startMs);
  }

  /** Takes the answers that have come. */
  poll(): void {
    const gl = this.#gl;
    if (this.#waiting.length === 0) return;
    const isDisjoint = gl.getParameter(GPU_DISJOINT) as boolean;
    while (this.#waiting[0]) {
      const { query, ids } = this.#waiting[0];
      if (!gl.getQueryParameter(query, gl.QUERY_RESULT_AVAILABLE)) return;
      if (!isDisjoint) this.#report(ids, (gl.getQueryParameter(query, gl.QUERY_RESULT) as number) / 1e6);
      gl.deleteQuery(query);
      this.#waiting.shift();
    }
  }
}
