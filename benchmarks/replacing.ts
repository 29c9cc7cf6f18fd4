/** What a trial of `run --replace` is told. */
import type { BackingFile } from '../engine/backing.ts';
import { exchangeBackings } from '../engine/exchange.ts';
import type { TrialPlan } from '../engine/trial.ts';
import type { Cell } from './plan.ts';

/** Devices of a cell replaced under load, where the run asks for it and the cell has files. */
export function replacingIn(
  files: BackingFile[] | undefined,
  { backend, direct }: Cell,
  every: number | undefined,
): Pick<TrialPlan, 'detaches' | 'replacing'> {
  if (every === undefined || files === undefined || backend === 'null') return {};
  const exchange = async (devices: readonly number[]): Promise<number[]> => {
    const given = devices.map((device) => files[device]!);
    await exchangeBackings(given);
    return given.map((file) => (direct ? file.direct : file.buffered));
  };
  return { detaches: true, replacing: { every, exchange } };
}
