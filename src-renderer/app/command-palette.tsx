import { Command as Palette } from 'cmdk';
import { Search } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { commands } from './commands.ts';
import { useView } from './preferences.ts';

/** Every action by its name, from the title bar. Not modal: the show goes on beside it. */
export function CommandPalette() {
  const { t } = useTranslation();
  const open = useView((state) => state.palette);
  const setOpen = (palette: boolean) => useView.setState({ palette });
  /** runs once the palette is closed, so that it may put the focus where it wants */
  const chosen = useRef<(() => void) | null>(null);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <button type="button" className="search" aria-label={t('palette.title')}>
          <Search size={14} aria-hidden="true" />
          <span className="truncate">{t('palette.hint')}</span>
          <span className="kbd">Ctrl K</span>
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="palette"
          sideOffset={4}
          align="center"
          collisionPadding={8}
          aria-label={t('palette.title')}
          onCloseAutoFocus={(event) => {
            if (!chosen.current) return;
            event.preventDefault();
            (document.activeElement as HTMLElement | null)?.blur();
            chosen.current();
            chosen.current = null;
          }}
        >
          {open && (
            <Palette loop label={t('palette.title')}>
              <Palette.Input className="palette-input" placeholder={t('palette.hint')} autoFocus />
              <Palette.List className="scroll">
                <Palette.Empty className="palette-empty">{t('palette.none')}</Palette.Empty>
                {commands()
                  .filter(({ id }) => id !== 'palette')
                  .map(({ id, label, shortcut, run }) => (
                    <Palette.Item
                      key={id}
                      value={`${label} ${id}`}
                      className="palette-item"
                      onSelect={() => {
                        chosen.current = run;
                        setOpen(false);
                      }}
                    >
                      <span className="truncate grow">{label}</span>
                      {shortcut && <span className="kbd">{shortcut}</span>}
                    </Palette.Item>
                  ))}
              </Palette.List>
            </Palette>
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
