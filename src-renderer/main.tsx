import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { listenForShortcuts } from './app/commands.ts';
import { applyPreferences } from './app/preferences.ts';
import { link } from './engine-client/engine.ts';
import { followCollection } from './features/stage/media.ts';
import { startTexts } from './i18n/index.ts';
import './ui/tokens.css';
import './ui/base.css';
import './ui/controls.css';
import './ui/layout.css';
import './ui/lists.css';
import './ui/stage.css';
import './ui/mixer.css';
import './ui/show-dock.css';
import './ui/rehearsal.css';
import './ui/bottom-bar.css';
import './ui/views.css';
import './ui/palette.css';

applyPreferences();
await startTexts();
listenForShortcuts();
followCollection();
void link.start();

const root = document.getElementById('root');
if (root) createRoot(root).render(<App />);
