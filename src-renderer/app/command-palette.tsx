import { Command as Palette } from 'cmdk';
import { Search } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useTranslation } from 'react-i18next';
import { commands } from './commands.ts';
import { useView } from './preferences.ts';

/** Every action by its name, from the title bar. Not modal: the show goes on beside it. */
export function CommandPalette() {
  const { t } = useTranslation();
  const open = useView((state) => state.palette);
  const setOpen = (palette: boolean) => useView.setState({ palette });
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
        <Popover.Content className="palette" sideOffset={4} align="center" collisionPadding={8} aria-label={t('palette.title')}>
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
                        setOpen(false);
                        setTimeout(run, 0); // after the palette has given the focus back
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
