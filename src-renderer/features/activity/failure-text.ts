import { useTranslation } from 'react-i18next';
import type { Failure } from '../../../src-shared/errors.ts';

/**
 * A failure in the user's language. The engine's own words are English and name the host or the device; other
 * languages have one sentence a code, with the engine's words kept for codes that have none.
 */
export function useFailureText(): (failure: Failure) => string {
  const { t, i18n } = useTranslation();
  return ({ code, message }) => (i18n.language === 'en' ? message : t(`failure.${code}`, { defaultValue: message }));
}
