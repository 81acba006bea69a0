const SPAN = 120;

interface Options {
  /** values over the whole width */
  span?: number;
  /** the value at the top edge; else somewhat above the largest */
  top?: number;
}

/** Draws values, newest at the right edge; the scale starts at zero. */
export function drawSparkline(canvas: HTMLCanvasElement, values: readonly number[], { span = SPAN, top }: Options = {}): void {
  const context = canvas.getContext('2d');
  const width = Math.round(canvas.clientWidth * devicePixelRatio);
  const height = Math.round(canvas.clientHeight * devicePixelRatio);
  if (!context || width === 0) return;
  canvas.width = width;
  canvas.height = height;
  const style = getComputedStyle(canvas);
  const highest = top ?? Math.max(...values, 1e-9) * 1.15;
  const x = (index: number) => width - ((values.length - 1 - index) * width) / (span - 1);
  const y = (value: number) => height - 1 - (value / highest) * (height - 2);
  context.beginPath();
  values.forEach((value, index) => context.lineTo(x(index), y(value)));
  context.strokeStyle = style.color;
  context.lineWidth = 1.5 * devicePixelRatio;
  context.lineJoin = 'round';
  context.stroke();
  if (values.length < 2) return;
  context.lineTo(width, height);
  context.lineTo(x(0), height);
  context.closePath();
  context.globalAlpha = 0.16;
  context.fillStyle = style.color;
  context.fill();
}
