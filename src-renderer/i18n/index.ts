/** Texts of the interface. English is the model; the compiler demands every one of its keys from the others. */
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import { usePreferences } from '../app/preferences.ts';
import { en } from './en.ts';
import { zhCN } from './zh-cn.ts';

export async function startTexts(): Promise<void> {
  await i18next.use(initReactI18next).init({
    lng: usePreferences.getState().language,
    fallbackLng: 'en',
    resources: { en: { translation: en }, 'zh-CN': { translation: zhCN } },
    interpolation: { escapeValue: false }, // React escapes
    returnNull: false,
  });
  usePreferences.subscribe(({ language }) => void (language !== i18next.language && i18next.changeLanguage(language)));
}
