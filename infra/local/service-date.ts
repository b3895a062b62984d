/**
 * Makes the service clock the only time that a function sees, whichever library asks: `Date` without arguments and
 * `Date.now`. Timers stay real, as they do in a Lambda whose clock a test cannot move.
 */
export function installServiceDate(now: () => number): void {
  const RealDate = Date;
  const ServiceDate: DateConstructor = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget === ServiceDate ? target : newTarget),
    apply: (target) => new target(now()).toString(),
  });
  RealDate.now = now;
  RealDate.prototype.constructor = ServiceDate;
  globalThis.Date = ServiceDate;
}
