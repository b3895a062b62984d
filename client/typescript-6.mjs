import { registerHooks } from 'node:module';

// The generator of types needs the compiler's API, which TypeScript 7 does not have yet: it is given version 6.
registerHooks({
  resolve: (specifier, context, next) => next(specifier === 'typescript' ? 'typescript-6' : specifier, context),
});
