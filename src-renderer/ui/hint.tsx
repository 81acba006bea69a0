import { Tooltip } from 'radix-ui';
import type { ReactNode } from 'react';

/** A tooltip: one action, its one name, its shortcut. */
export function Hint({ label, shortcut, children }: { label: string; shortcut?: string | undefined; children: ReactNode }) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content className="tooltip" sideOffset={6} collisionPadding={8}>
          {label}
          {shortcut && <kbd>{shortcut}</kbd>}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}
