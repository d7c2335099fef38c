/** A value per task in nested frozen objects without a prototype, so that a wrong name is undefined and `await` is harmless. */
export function tree(names: readonly string[], leaf: (name: string) => unknown): object {
  const root: Record<string, unknown> = Object.create(null);
  for (const name of names) {
    const path = name.split('.');
    const last = path.pop() as string;
    let group = root;
    for (const segment of path) {
      group[segment] ??= Object.create(null);
      group = group[segment] as Record<string, unknown>;
    }
    group[last] = leaf(name);
  }
  return deepFreeze(root);
}

function deepFreeze(group: object): object {
  for (const value of Object.values(group)) if (typeof value === 'object') deepFreeze(value);
  return Object.freeze(group);
}
