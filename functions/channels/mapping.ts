import jsonata from 'jsonata';
import type { Mapping } from '../../domain/channels/channel.ts';
import { accept, type Decision, invalid, type Refusal } from '../../domain/refusal.ts';

/** A mapping runs while the sender waits. Counted in steps and not in time: a clock may run fast, a count is the same. */
const MAX_STEPS = 100_000;
const BOUNDS: jsonata.JsonataOptions = { stack: 200, sequence: 10_000 };

type Invalid = Refusal<'VALIDATION_FAILED'>;

/** The expressions of a mapping by where they stand, `from.id` for one. */
const expressionsOf = (mapping: Mapping): [string, string][] =>
  typeof mapping === 'string'
    ? [['', mapping]]
    : Object.entries(mapping).flatMap(([name, part]): [string, string][] =>
        typeof part === 'string'
          ? [[name, part]]
          : Object.entries(part ?? {}).flatMap(([inner, text]) => (text ? [[`${name}.${inner}`, text]] : [])),
      );

/** Why a mapping cannot be read; nothing when it can. */
export const whyNotMapping = (mapping: Mapping): Invalid | undefined => {
  for (const [where, text] of expressionsOf(mapping)) {
    try {
      compile(text);
    } catch (error) {
      return invalid(['mapping', where].filter(Boolean).join('.'), messageOf(error));
    }
  }
  return undefined;
};

/** What a mapping makes of a payload: nothing when it says that the payload is no message. */
export const applyMapping = async (
  mapping: Mapping,
  payload: unknown,
): Promise<Decision<unknown, 'VALIDATION_FAILED'>> => {
  const made: Record<string, unknown> = {};
  for (const [where, text] of expressionsOf(mapping)) {
    let value: unknown;
    try {
      value = await compile(text)(payload);
    } catch (error) {
      return invalid(['mapping', where].filter(Boolean).join('.'), messageOf(error));
    }
    if (where === '') return accept(value ?? undefined);
    if (value === undefined || value === null) continue;
    const [name = '', inner] = where.split('.');
    made[name] = inner ? Object.assign(made[name] ?? {}, { [inner]: value }) : value;
  }
  return accept(made.ignore === true ? undefined : made);
};

const compile = (text: string): ((payload: unknown) => Promise<unknown>) => {
  if (text.startsWith('/')) return async (payload) => pointed(payload, text);
  const expression = jsonata(text, BOUNDS);
  let steps = 0;
  const count = (): void => {
    steps += 1;
    if (steps > MAX_STEPS) throw new Error(`takes more than ${MAX_STEPS} steps`);
  };
  // The library’s own hook for bounding an evaluation; its types know only names that are texts.
  Reflect.apply(expression.assign, expression, [Symbol.for('jsonata.__evaluate_entry'), count]);
  return (payload) => expression.evaluate(payload);
};

/** RFC 6901. */
const pointed = (payload: unknown, pointer: string): unknown =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>(
      (at, part) =>
        typeof at === 'object' && at !== null && Object.hasOwn(at, part) ? Reflect.get(at, part) : undefined,
      payload,
    );

/** The library throws plain objects. */
const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
