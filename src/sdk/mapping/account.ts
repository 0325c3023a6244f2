/** Parts of an account name by the names of the ECS `user` field set. */
export interface AccountParts {
  readonly name: string;
  readonly domain?: string;
  /** The whole text, when it has the form of an address. */
  readonly email?: string;
}

/** Splits `name@domain`, `DOMAIN\name` and a bare name. Undefined for an empty text. */
export function splitAccount(text: string): AccountParts | undefined {
  const account = text.trim();
  if (account === '') return undefined;
  const at = account.lastIndexOf('@');
  if (at > 0 && at < account.length - 1) return { name: account.slice(0, at), domain: account.slice(at + 1), email: account };
  const backslash = account.indexOf('\\');
  if (backslash > 0 && backslash < account.length - 1) return { domain: account.slice(0, backslash), name: account.slice(backslash + 1) };
  return { name: account };
}
