import type { Case } from '../cases/case.ts';

/**
 * The service opens cases for itself, to see whether they get through their lives. They are this customer's, stand in
 * this queue, which is nobody's, and are promised this SLA.
 */
export const CANARY_ID = 'docket-canary';

/** Cases that nobody has asked for: no report counts them, no rule routes them and no subscriber hears of them. */
export const isCanary = ({ customerId }: Pick<Case, 'customerId'>): boolean => customerId === CANARY_ID;
