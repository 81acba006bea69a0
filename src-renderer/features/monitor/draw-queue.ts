/** Draws one chart a frame: ten at once would take longer than a frame has. */
const waiting = new Set<() => void>();
let frame = 0;

export function drawSoon(draw: () => void): void {
  waiting.add(draw);
  if (frame === 0) frame = requestAnimationFrame(drawNext);
}

export function forget(draw: () => void): void {
  waiting.delete(draw);
}

function drawNext(): void {
  const [next] = waiting;
  if (next) waiting.delete(next);
  frame = waiting.size > 0 ? requestAnimationFrame(drawNext) : 0;
  next?.();
}
