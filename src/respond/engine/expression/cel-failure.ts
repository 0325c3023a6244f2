/** A failure inside an expression; whoever evaluates adds the expression's text. */
export class CelFailure extends Error {
  override readonly name = 'CelFailure';

  constructor(
    message: string,
    /** 0-based offset into the expression. */
    readonly offset?: number,
  ) {
    super(message);
  }
}
