export default async function globalTeardown() {
  await globalThis.cordonTestServer?.stop();
}
