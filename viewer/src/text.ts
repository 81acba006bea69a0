/** Everything the page says. */
import type { ViewState } from './view-state.ts';

interface Texts {
  states: Record<ViewState, { headline: string; detail: string }>;
  live: string;
  rehearsal: string;
  offAir: string;
  viewers: (count: number) => string;
  play: string;
  pause: string;
  mute: string;
  unmute: string;
  volume: string;
  pip: string;
  fullScreen: string;
  leaveFullScreen: string;
  toLive: string;
  atLive: string;
  latency: string;
  buffer: string;
  picture: string;
  rate: string;
  dropped: string;
}

const english: Texts = {
  states: {
    unsupported: {
      headline: 'This browser cannot play the show',
      detail: 'It lacks Media Source Extensions with H.264. Open this page in a current Chrome, Edge, Firefox or Safari.',
    },
    'not-found': { headline: 'There is no show at this address', detail: 'Check the link with whoever sent it to you.' },
    connecting: { headline: 'Connecting', detail: '' },
    waiting: { headline: 'Waiting for the show', detail: 'It starts here by itself as soon as the host goes live.' },
    starting: { headline: 'The show is starting', detail: '' },
    playing: { headline: 'Playing', detail: '' },
    buffering: { headline: 'Catching up', detail: '' },
    paused: { headline: 'Paused', detail: '' },
    away: { headline: 'The show will be right back', detail: 'The picture stopped coming. It goes on here by itself.' },
    offline: { headline: 'The connection is lost', detail: 'Trying again. The show goes on here as soon as the server answers.' },
  },
  live: 'LIVE',
  rehearsal: 'Rehearsal',
  offAir: 'Off air',
  viewers: (count) => (count === 1 ? '1 viewer' : `${count} viewers`),
  play: 'Play',
  pause: 'Pause',
  mute: 'Mute',
  unmute: 'Unmute',
  volume: 'Volume',
  pip: 'Picture in picture',
  fullScreen: 'Full screen',
  leaveFullScreen: 'Leave full screen',
  toLive: 'Go to live',
  atLive: 'Live',
  latency: 'Server to screen',
  buffer: 'Player buffer',
  picture: 'Picture',
  rate: 'Bitrate',
  dropped: 'Dropped frames',
};

const chinese: Texts = {
  states: {
    unsupported: {
      headline: '此浏览器无法播放',
      detail: '它不支持带 H.264 的 Media Source Extensions。请用新版 Chrome、Edge、Firefox 或 Safari 打开本页。',
    },
    'not-found': { headline: '此地址没有直播', detail: '请向发送链接的人核对地址。' },
    connecting: { headline: '正在连接', detail: '' },
    waiting: { headline: '等待直播开始', detail: '主播开播后，这里会自动播放。' },
    starting: { headline: '直播即将开始', detail: '' },
    playing: { headline: '正在播放', detail: '' },
    buffering: { headline: '正在追赶', detail: '' },
    paused: { headline: '已暂停', detail: '' },
    away: { headline: '直播马上回来', detail: '画面暂时中断，恢复后会自动继续。' },
    offline: { headline: '连接已断开', detail: '正在重试。服务器恢复后会自动继续播放。' },
  },
  live: '直播中',
  rehearsal: '彩排',
  offAir: '未开播',
  viewers: (count) => `${count} 人观看`,
  play: '播放',
  pause: '暂停',
  mute: '静音',
  unmute: '取消静音',
  volume: '音量',
  pip: '画中画',
  fullScreen: '全屏',
  leaveFullScreen: '退出全屏',
  toLive: '回到直播',
  atLive: '直播',
  latency: '服务器到屏幕',
  buffer: '播放缓冲',
  picture: '画面',
  rate: '码率',
  dropped: '丢帧',
};

export const language = navigator.languages.find((tag) => /^(zh|en)\b/.test(tag))?.startsWith('zh') ? 'zh-CN' : 'en';
export const texts: Texts = language === 'zh-CN' ? chinese : english;

/** 0.62 s */
export function seconds(ms: number): string {
  return `${(Math.max(0, ms) / 1_000).toLocaleString(language, { minimumFractionDigits: 2, maximumFractionDigits: 2 })} s`;
}
