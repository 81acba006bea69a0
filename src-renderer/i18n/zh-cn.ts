import type { Language } from './en.ts';
import { destinations } from './zh-cn/destinations.ts';
import { failure } from './zh-cn/failure.ts';
import { filters } from './zh-cn/filters.ts';
import { monitor } from './zh-cn/monitor.ts';
import { rehearsal } from './zh-cn/rehearsal.ts';
import { scenes } from './zh-cn/scenes.ts';
import { settings } from './zh-cn/settings.ts';
import { shell } from './zh-cn/shell.ts';
import { show } from './zh-cn/show.ts';

export const zhCN: Language = { ...shell, ...show, ...scenes, ...destinations, ...rehearsal, ...monitor, ...filters, ...settings, failure };
