import qrcode from 'qrcode-generator';
import { qrShape } from '../../../src-shared/qr-shape.ts';

/** Dark on light whatever the theme: not every camera reads the reverse. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const code = qrcode(0, 'M');
  code.addData(text);
  code.make();
  const { viewBox, path } = qrShape(code.getModuleCount(), (row, column) => code.isDark(row, column));
  return (
    <svg className="qr-code" viewBox={viewBox} role="img" aria-label={label} shapeRendering="crispEdges">
      <path d={path} />
    </svg>
  );
}
