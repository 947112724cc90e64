import type { Flow, Step } from './flow';

/** What every run knows by itself, and what the look-up sets. */
const GIVEN = ['caller', 'called', 'language', 'customer_id', 'customer_name', 'customer_language'];

function setBy(step: Step): readonly string[] {
  switch (step.kind) {
    case 'collect':
      return [step.variable];
    case 'rate':
      return [step.question];
    case 'set':
      return step.assignments.map((one) => one.variable);
    case 'http':
      return step.results.map((one) => one.variable);
    default:
      return [];
  }
}

/** Names that a step may ask for, to choose from while typing. */
export const variablesOf = (flow: Flow): string[] => [...new Set([...GIVEN, ...flow.nodes.flatMap(setBy)])].sort();
