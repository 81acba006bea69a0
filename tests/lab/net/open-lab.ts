/** The best lab this machine allows. */
import type { Lab } from './lab.ts';
import type { LinkDirection } from './link-queue.ts';
import { whyNoNamespaces } from './namespaces.ts';
import { NetLab } from './net-lab.ts';
import { RelayLab } from './relay-lab.ts';

/** @param directions one for each link from the show to the receivers */
export async function openLab(directions: readonly LinkDirection[]): Promise<Lab> {
  const why = whyNoNamespaces();
  const lab = why === null ? await NetLab.open(directions) : await RelayLab.open(directions);
  console.log(`lab: ${lab.madeOf}${why === null ? '' : ` (${why})`}`);
  return lab;
}
