/** The CPUs and sockets that submitters play. */
import { InputError } from '../datasets/errors.ts';
import type { TopologySpec } from '../engine/messages.ts';

export interface TopologyChoice {
  sockets: number;
  cpusPerSocket: number;
  /**
   * True while threads are not bound to the CPUs of the sockets that they play: results then say nothing about sockets. They
   * are bound to none so far.
   */
  virtual: boolean;
}

/** No Linux machine has as many; a layout in which each CPU's worker serves each CPU's queue grows with their square. */
const MOST_CPUS = 4096;

/** `2x4`: two sockets of four CPUs each. */
export function parseTopology(text: string): TopologyChoice {
  const match = /^(\d+)x(\d+)$/.exec(text);
  const sockets = Number(match?.[1]);
  const cpusPerSocket = Number(match?.[2]);
  if (!match || sockets < 1 || cpusPerSocket < 1) {
    throw new InputError(`--topology '${text}': sockets x CPUs per socket, as in 2x4`);
  }
  if (sockets * cpusPerSocket > MOST_CPUS) {
    throw new InputError(`--topology '${text}': ${MOST_CPUS} CPUs at most`);
  }
  return { sockets, cpusPerSocket, virtual: true };
}

/**
 * The machine's sockets; on a machine of one socket each core plays one, though no more than there are submitters: a socket that
 * submits nothing would only cost workers. There is a CPU for every submitter.
 */
export function defaultTopology(machineSockets: number, cores: number, submitters: number): TopologyChoice {
  const sockets = machineSockets > 1 ? machineSockets : Math.max(1, Math.min(cores, submitters));
  return {
    sockets,
    cpusPerSocket: Math.max(1, Math.ceil(submitters / sockets)),
    virtual: true,
  };
}

/** What a strategy sees. CPUs of one socket are neighbours. */
export function topologyFor(choice: TopologyChoice, devices: number, cgroups: number): TopologySpec {
  const cpus = choice.sockets * choice.cpusPerSocket;
  const socketOf = Array.from({ length: cpus }, (_, cpu) => Math.floor(cpu / choice.cpusPerSocket));
  return { cpus, sockets: choice.sockets, devices, cgroups, socketOf };
}
