/** A condition on one attribute of an item; all conditions of a write must hold. */
export type WriteCondition =
  | { attribute: string; is: 'absent' | 'present' }
  | {
      attribute: string;
      is: 'equal' | 'notEqual' | 'equalOrAbsent' | 'below' | 'belowOrAbsent' | 'atLeast';
      value: unknown;
    };

/** The parts of a DynamoDB expression, with every name and value behind a placeholder: no attribute name is reserved. */
export interface Expression {
  UpdateExpression?: string;
  ConditionExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Record<string, unknown>;
}

/** What an update changes. */
export interface AttributeChanges {
  set?: Record<string, unknown>;
  remove?: readonly string[];
  add?: Record<string, number>;
}

/** Builds the expressions of one write. A nested attribute is written with dots. */
export const expression = (changes: AttributeChanges, conditions: readonly WriteCondition[]): Expression => {
  const names: Record<string, string> = {};
  const values: Record<string, unknown> = {};
  const name = (attribute: string): string =>
    attribute
      .split('.')
      .map((part) => {
        const known = Object.keys(names).find((placeholder) => names[placeholder] === part);
        const placeholder = known ?? `#n${Object.keys(names).length}`;
        names[placeholder] = part;
        return placeholder;
      })
      .join('.');
  const value = (content: unknown): string => {
    const placeholder = `:v${Object.keys(values).length}`;
    values[placeholder] = content;
    return placeholder;
  };
  const condition = (wanted: WriteCondition): string => {
    const attribute = name(wanted.attribute);
    switch (wanted.is) {
      case 'absent':
        return `attribute_not_exists(${attribute})`;
      case 'present':
        return `attribute_exists(${attribute})`;
      case 'equal':
        return `${attribute} = ${value(wanted.value)}`;
      case 'notEqual':
        return `${attribute} <> ${value(wanted.value)}`;
      case 'equalOrAbsent':
        return `(attribute_not_exists(${attribute}) OR ${attribute} = ${value(wanted.value)})`;
      case 'below':
        return `${attribute} < ${value(wanted.value)}`;
      case 'atLeast':
        return `${attribute} >= ${value(wanted.value)}`;
      case 'belowOrAbsent':
        return `(attribute_not_exists(${attribute}) OR ${attribute} < ${value(wanted.value)})`;
    }
  };
  const clauses = [
    ['SET', Object.entries(changes.set ?? {}).map(([attribute, content]) => `${name(attribute)} = ${value(content)}`)],
    ['REMOVE', (changes.remove ?? []).map(name)],
    ['ADD', Object.entries(changes.add ?? {}).map(([attribute, n]) => `${name(attribute)} ${value(n)}`)],
  ] as const;
  const update = clauses
    .filter(([, parts]) => parts.length > 0)
    .map(([verb, parts]) => `${verb} ${parts.join(', ')}`)
    .join(' ');
  const wanted = conditions.map(condition).join(' AND ');
  return {
    ...(update && { UpdateExpression: update }),
    ...(wanted && { ConditionExpression: wanted }),
    ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
    ...(Object.keys(values).length > 0 && { ExpressionAttributeValues: values }),
  };
};
