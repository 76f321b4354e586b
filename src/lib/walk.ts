// Looks through a value that came from JSON, key by key. Iterative, so no depth can exhaust the stack.

export type ValuePath = (string | number)[];

interface Node {
  readonly value: unknown;
  readonly key: string | number | undefined;
  readonly parent: Node | undefined;
}

/**
 * The first value, in document order, for which `check` names a problem, with its path from the root.
 * `check` gets each value and the key or index it stands under (undefined for the root). The value
 * must not contain itself; nothing that came from JSON does.
 */
export function findInValue<Problem>(
  root: unknown,
  check: (value: unknown, key: string | number | undefined) => Problem | undefined,
): { path: ValuePath; problem: Problem } | undefined {
  const pending: Node[] = [{ value: root, key: undefined, parent: undefined }];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    const problem = check(node.value, node.key);
    if (problem !== undefined) return { path: pathOf(node), problem };
    pushChildren(node, pending);
  }
  return undefined;
}

// Last child first, because the pending list is taken from its end.
function pushChildren(node: Node, pending: Node[]): void {
  const { value } = node;
  if (Array.isArray(value)) {
    for (let at = value.length - 1; at >= 0; at--) {
      pending.push({ value: value[at], key: at, parent: node });
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, child] of Object.entries(value).reverse()) {
      pending.push({ value: child, key, parent: node });
    }
  }
}

function pathOf(node: Node): ValuePath {
  const path: ValuePath = [];
  for (let at: Node | undefined = node; at !== undefined; at = at.parent) {
    if (at.key !== undefined) path.push(at.key);
  }
  return path.reverse();
}
