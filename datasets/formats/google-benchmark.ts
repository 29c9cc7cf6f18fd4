/**
 * google-benchmark's JSON, one `iteration` row per trial, so that its tools/compare.py tests repetitions against each other: real_time is the time
 * between two reads or writes (a second over IOPS), cpu_time the CPU time that the whole machine spent on each.
 *
 * Source: https://github.com/google/benchmark, docs/user_guide.md "Output Formats", src/json_reporter.cc, tools/gbench/report.py.
 */
import { benchmarkName, type ExportTrial, type Format } from './format.ts';

export const GOOGLE_BENCHMARK: Format = {
  name: 'google-benchmark',
  summary: "google-benchmark's JSON: one repetition per trial, for its tools/compare.py",
  write({ trials }) {
    const measured = trials.filter(({ record }) => record.metrics.iops > 0);
    const families = [...new Set(measured.map(nameOf))];
    const repetitions = new Map(families.map((name) => [name, measured.filter((it) => nameOf(it) === name)]));
    const first = measured[0]?.record;
    const output = {
      context: {
        date: first?.started ?? '',
        host_name: first?.host.hostname ?? '',
        executable: 'loopwq',
        num_cpus: first?.host.cores ?? 0,
        library_version: first?.host.loopwq ?? '',
        json_schema_version: 1,
      },
      benchmarks: families.flatMap((name, family) =>
        repetitions.get(name)!.map((trial, repetition, all) => ({
          name,
          family_index: family,
          per_family_instance_index: 0,
          run_name: name,
          run_type: 'iteration',
          repetitions: all.length,
          repetition_index: repetition,
          threads: trial.record.metrics.submitters,
          iterations: trial.record.metrics.reads + trial.record.metrics.writes,
          real_time: 1e9 / trial.record.metrics.iops,
          cpu_time: (trial.values.cpuUs ?? 0) * 1000,
          time_unit: 'ns',
          items_per_second: trial.record.metrics.iops,
        })),
      ),
    };
    return `${JSON.stringify(output, undefined, 2)}\n`;
  },
};

function nameOf({ record }: ExportTrial): string {
  return benchmarkName(record);
}
