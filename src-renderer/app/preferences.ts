/** What this window remembers between runs: theme, language, docks. Kept in the browser's storage, not in the store. */
import { create } from 'zustand';
import { persist } from 'zustand/middleware';

export type Theme = 'system' | 'dark' | 'light';
export type Language = 'en' | 'zh-CN';
/** What the right dock shows. Panels replace it in place, so nothing ever covers the picture. */
export type RightView = 'show' | 'recordings' | 'settings' | 'activity' | 'rehearsal' | 'monitor';

/** A large window gives its docks more room, before anyone has moved them. */
const roomy = window.innerWidth >= 1_600;

interface Preferences {
  theme: Theme;
  language: Language;
  leftPx: number;
  rightPx: number;
  mixerPx: number;
  scenesPx: number;
  guides: boolean;
  /** the output on which monitored strips are heard; null is the system's */
  monitor: { deviceId: string | null; deviceLabel: string };
  /** the way to a first show is shown; and a show has been on air */
  firstSteps: boolean;
  rehearsed: boolean;
}

const systemLanguage = (): Language => (navigator.language.toLowerCase().startsWith('zh') ? 'zh-CN' : 'en');

export const usePreferences = create<Preferences>()(
  persist(
    (): Preferences => ({
      theme: 'system',
      language: systemLanguage(),
      leftPx: roomy ? 280 : 236,
      rightPx: roomy ? 348 : 292,
      mixerPx: roomy ? 236 : 186,
      scenesPx: roomy ? 320 : 212,
      guides: false,
      monitor: { deviceId: null, deviceLabel: '' },
      firstSteps: true,
      rehearsed: false,
    }),
    { name: 'tidecast.preferences' },
  ),
);

export const useView = create<{ right: RightView; compactTab: string; palette: boolean; dark: boolean }>(() => ({
  right: 'show',
  compactTab: 'scenes',
  palette: false,
  dark: true,
}));

/** Opens a panel in the right dock, or closes it when it is open already. */
export function toggleView(view: Exclude<RightView, 'show'>): void {
  useView.setState(({ right }) => ({ right: right === view ? 'show' : view }));
}

const darkQuery = matchMedia('(prefers-color-scheme: dark)');

/** Keeps `data-theme` and `lang` of the document in step with the preferences. */
export function applyPreferences(): void {
  const apply = () => {
    const { theme, language } = usePreferences.getState();
    const dark = theme === 'system' ? darkQuery.matches : theme === 'dark';
    document.documentElement.dataset.theme = dark ? 'dark' : 'light';
    useView.setState({ dark });
    document.documentElement.lang = language;
  };
  apply();
  usePreferences.subscribe(apply);
  darkQuery.addEventListener('change', apply);
}
