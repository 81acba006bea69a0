/** Everything the page says, in the visitor's language. */

import { english } from './text/en.ts';
import type { Texts } from './text/texts.ts';
import { chinese } from './text/zh-cn.ts';

export const language = navigator.languages.find((tag) => /^(zh|en)\b/.test(tag))?.startsWith('zh') ? 'zh-CN' : 'en';
export const texts: Texts = language === 'zh-CN' ? chinese : english;

/** 0.62 s */
export function seconds(ms: number): string {
  return `${(Math.max(0, ms) / 1_000).toLocaleString(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 })} s`;
}

export function milliseconds(ms: number): string {
  return `${Math.round(ms).toLocaleString(language)} ms`;
}

export function kilobits(kbps: number): string {
  return `${Math.round(kbps).toLocaleString(language)} kbps`;
}
