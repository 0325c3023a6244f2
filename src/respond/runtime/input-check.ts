import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { ActionDescription, JsonObject } from '../../kernel/index.js';

/** Checks inputs against the schema of their action before anything is called. */
export class InputCheck {
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: false });
  readonly #compiled = new WeakMap<JsonObject, ValidateFunction>();

  /** What is wrong, naming the member; undefined where nothing is. */
  problem({ input: schema }: ActionDescription, input: JsonObject): string | undefined {
    let validate = this.#compiled.get(schema);
    if (!validate) {
      validate = this.#ajv.compile(schema);
      this.#compiled.set(schema, validate);
    }
    if (validate(input)) return undefined;
    const [error] = validate.errors ?? [];
    return `${error?.instancePath.slice(1).replaceAll('/', '.') || 'input'}: ${error?.message ?? 'does not fit the schema'}`;
  }
}
