/** English, the model for every other language. One action has one name everywhere. */
import { destinations } from './en/destinations.ts';
import { filters } from './en/filters.ts';
import { monitor } from './en/monitor.ts';
import { rehearsal } from './en/rehearsal.ts';
import { scenes } from './en/scenes.ts';
import { settings } from './en/settings.ts';
import { shell } from './en/shell.ts';
import { show } from './en/show.ts';

export const en = { ...shell, ...show, ...scenes, ...destinations, ...rehearsal, ...monitor, ...filters, ...settings } as const;

type Texts<T> = { [K in keyof T]: T[K] extends string ? string : Texts<T[K]> };

/** Every language has all of these keys; `failure` texts are by error code, where English uses the engine's own words. */
export type Language = Texts<typeof en> & { failure: Record<string, string> };
