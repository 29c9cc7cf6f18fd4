/** Which designs can have devices on devices (engine/stacked.ts), and what of them is known before any is there. */
import type { Design } from './designs.ts';
import { layoutOf } from './layout.ts';
import { topologyFor } from './topology.ts';

/** Why a design has no stacked devices; undefined when it can. A design that must have more CPUs than two is asked with these. */
export function whyNotStacked(design: Design): string | undefined {
  const { inline, transform } = layoutOf(
    design,
    topologyFor({ sockets: 1, cpusPerSocket: 2, virtual: true }, 2, 1),
  );
  if (transform) return 'each device would encrypt what the one above it has encrypted';
  if (!inline) return undefined;
  return (
    'its submitters do I/O themselves, so each device more is a call within a call: the kernel took that back because its stack ' +
    'does not suffice (96f03c8)'
  );
}
