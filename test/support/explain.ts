import type { Client } from 'pg';

/** One node of an executed plan. */
export interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly PlanNode[];
}

export interface Explained {
  /** All nodes of all statements that ran, those inside functions included. */
  readonly nodes: readonly PlanNode[];
  /** Pages that they looked at. */
  readonly buffers: number;
}

/** Runs a statement and gives the plans of the statements inside the functions that it calls. Needs a superuser. */
export async function explain(client: Client, text: string, values: unknown[]): Promise<Explained> {
  await client.query(
    `load 'auto_explain';
     set auto_explain.log_min_duration = 0; set auto_explain.log_nested_statements = on;
     set auto_explain.log_analyze = on; set auto_explain.log_buffers = on; set auto_explain.log_timing = off;
     set auto_explain.log_format = json; set client_min_messages = log`,
  );
  const plans: PlanNode[] = [];
  const note = ({ message }: { message?: string | undefined }): void => {
    const json = /plan:\s*(\{[\s\S]*\})/.exec(message ?? '')?.[1];
    if (json !== undefined) plans.push(JSON.parse(json).Plan);
  };
  client.on('notice', note as never);
  try {
    await client.query(text, values);
  } finally {
    client.off('notice', note as never);
    await client.query('set auto_explain.log_min_duration = -1');
  }
  // The last one is the caller's own; where it calls functions, it counts what is inside once more.
  const inner = plans.length > 1 ? plans.slice(0, -1) : plans;
  return {
    nodes: inner.flatMap(flat),
    buffers: inner.reduce((sum, p) => sum + p['Shared Hit Blocks'] + p['Shared Read Blocks'], 0),
  };
}

function flat(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(flat)];
}
