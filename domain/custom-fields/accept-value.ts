import { OwnerId } from '../cases/case.ts';
import { teamIdOf } from '../people/owner.ts';
import { accept, type Decision, invalid, type Refusal } from '../refusal.ts';
import { Instant } from '../time.ts';
import { type CustomField, Day } from './custom-field.ts';
import { type CustomFieldValue, pathOf } from './values.ts';

/** A text's length, where its field does not say. */
const DEFAULT_MAX_LENGTH = 1_000;

/**
 * A value in the form in which its field keeps it, or why the field cannot have it. Options are only looked up: whether
 * one is an option of this very case depends on the case.
 */
export const acceptValue = (name: string, field: CustomField, value: CustomFieldValue): Decision<CustomFieldValue> => {
  const wrong = (message: string) => invalid(pathOf(name), message);
  switch (field.type) {
    case 'text': {
      if (typeof value !== 'string') return wrong('expected a text');
      const { minLength = 0, maxLength = DEFAULT_MAX_LENGTH } = field;
      const text = value.trim();
      if (text.length < minLength) return wrong(`must have at least ${minLength} characters`);
      return text.length > maxLength ? wrong(`must have at most ${maxLength} characters`) : accept(text);
    }
    case 'number': {
      const { minimum = Number.NEGATIVE_INFINITY, maximum = Number.POSITIVE_INFINITY, integer } = field;
      if (typeof value !== 'number') return wrong('expected a number');
      if (integer && !Number.isInteger(value)) return wrong('expected a whole number');
      if (value < minimum) return wrong(`must be at least ${minimum}`);
      return value > maximum ? wrong(`must be at most ${maximum}`) : accept(value);
    }
    case 'boolean':
      return typeof value === 'boolean' ? accept(value) : wrong('expected true or false');
    case 'date': {
      const day = Day.safeParse(value);
      return day.success ? within(field, day.data, wrong) : wrong('expected a day, as 2026-03-31');
    }
    case 'datetime': {
      const instant = Instant.safeParse(value);
      return instant.success ? within(field, instant.data, wrong) : wrong('expected an instant, as RFC 3339 has them');
    }
    case 'option':
      return typeof value === 'string' && isOption(field, value) ? accept(value) : wrong('is not one of the options');
    case 'multiOption': {
      if (!Array.isArray(value)) return wrong('expected a list of options');
      const other = value.find((one) => !isOption(field, one));
      return other === undefined ? accept([...new Set(value)]) : wrong(`${other} is not one of the options`);
    }
    case 'user': {
      const user = OwnerId.safeParse(value);
      return user.success && !teamIdOf(user.data) ? accept(user.data) : wrong('expected the id of a user');
    }
    case 'customer':
      return typeof value === 'string' && value.length <= 128 ? accept(value) : wrong('expected the id of a customer');
  }
};

const isOption = ({ options = [] }: CustomField, value: string): boolean =>
  options.some((option) => option.enabled && option.value === value);

/** Days and instants are of one width each, so they compare as texts. */
const within = ({ earliest, latest }: CustomField, value: string, wrong: (message: string) => Refusal) => {
  if (earliest !== undefined && value < earliest) return wrong(`must not be before ${earliest}`);
  return latest !== undefined && value > latest ? wrong(`must not be after ${latest}`) : accept(value);
};
