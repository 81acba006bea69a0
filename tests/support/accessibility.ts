/** axe over a page that is not on its way from one look to another: colours in mid-fade have the contrast of neither. */
import AxeBuilder from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

/** In the page: with reduced motion no transition begins; those begun before it are waited for. */
async function settled(): Promise<void> {
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
  const fades = document.getAnimations().filter((one) => one instanceof CSSTransition);
  await Promise.allSettled(fades.map(({ finished }) => finished));
}

/** @param schemes each is looked at in turn; none: the page as it is */
export async function expectAccessible(page: Page, schemes: readonly ('dark' | 'light')[] = []): Promise<void> {
  for (const colorScheme of schemes.length ? schemes : [undefined]) {
    await page.emulateMedia({ reducedMotion: 'reduce', ...(colorScheme && { colorScheme }) });
    await page.evaluate(settled);
    const { violations } = await new AxeBuilder({ page }).analyze();
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
  }
}
