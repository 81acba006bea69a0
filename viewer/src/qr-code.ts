/** A link as a QR code: dark on light whatever the theme, since not every camera reads the reverse. */
import qrcode from 'qrcode-generator';
import { qrShape } from '../../src-shared/qr-shape.ts';

const SVG = 'http://www.w3.org/2000/svg';

export function drawQrCode(text: string): SVGElement {
  const code = qrcode(0, 'M');
  code.addData(text);
  code.make();
  const { viewBox, path } = qrShape(code.getModuleCount(), (row, column) => code.isDark(row, column));
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', viewBox);
  svg.setAttribute('shape-rendering', 'crispEdges');
  const modules = document.createElementNS(SVG, 'path');
  modules.setAttribute('d', path);
  svg.append(modules);
  return svg;
}
