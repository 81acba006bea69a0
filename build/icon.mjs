/**
 * Draws the application's icon, resources/icon.png: the studio's waves on its own night blue.
 * `node build/icon.mjs` needs a Chromium; the result is committed.
 */
import { writeFileSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { at } from './bootstrap/run.mjs';
import { findChromium } from './bootstrap/tools.mjs';

const SIZE_PX = 512;
/** The glyph "waves" of Lucide (ISC licence), on its grid of 24 units. */
const WAVES = [6, 12, 18].map(
  (y) => `M2 ${y}c.6.5 1.2 1 2.5 1C7 ${y + 1} 7 ${y - 1} 9.5 ${y - 1}c2.6 0 2.4 2 5 2 2.5 0 2.5-2 5-2 1.3 0 1.9.5 2.5 1`,
);
const ICON = `<svg xmlns="http://www.w3.org/2000/svg" width="${SIZE_PX}" height="${SIZE_PX}" viewBox="0 0 512 512">
  <defs>
    <linearGradient id="night" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-color="#1b2a38"/><stop offset="1" stop-color="#0b1118"/></linearGradient>
    <linearGradient id="tide" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="#9be3ee"/><stop offset="1" stop-color="#2f93a8"/></linearGradient>
  </defs>
  <rect x="24" y="24" width="464" height="464" rx="104" fill="url(#night)"/>
  <rect x="25.5" y="25.5" width="461" height="461" rx="102.5" fill="none" stroke="#ffffff" stroke-opacity=".08" stroke-width="3"/>
  <g transform="translate(94 94) scale(13.5)" fill="none" stroke="url(#tide)" stroke-width="2.2" stroke-linecap="round">
    ${WAVES.map((path, index) => `<path d="${path}" stroke-opacity="${[1, 0.85, 0.65][index]}"/>`).join('\n    ')}
  </g>
</svg>`;

const executablePath = findChromium();
if (!executablePath) throw new Error('No Chromium was found; TIDECAST_CHROMIUM can name one.');
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
const page = await browser.newPage({ viewport: { width: SIZE_PX, height: SIZE_PX } });
await page.setContent(`<body style="margin:0">${ICON}</body>`);
writeFileSync(at('resources/icon.png'), await page.screenshot({ omitBackground: true }));
await browser.close();
