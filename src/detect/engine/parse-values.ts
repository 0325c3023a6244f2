import { encodeText } from './encode-text.js';
import { compileRegex } from './linear-regex.js';
import type { ModifierChain } from './modifier-chain.js';
import { DASHES, parsePattern, plainText, positioned, withDashes, type Pattern } from './pattern.js';
import { expandPlaceholders, isPlaceholder, type Placeholders } from './placeholders.js';
import { describeNode, type RuleScalar } from './rule-document.js';
import { refuse, type Warn } from './rule-findings.js';
import { cidrTest, comparisonTest, existsTest, fieldReferenceTest, nullTest, numberTest, patternTest, regexTest, type ValueTest } from './value-test.js';

export interface ParseContext {
  readonly placeholders: Placeholders;
  readonly warn: Warn;
}

const MAX_DASHES_ENCODED = 4;

/** The tests that one written value stands for; a value matches when one of them holds. */
export function parseValue(key: string, chain: ModifierChain, node: RuleScalar, context: ParseContext): readonly ValueTest[] {
  switch (chain.kind) {
    case 'exists': return [existsTest(truthValue(key, node))];
    case 'number': return [comparisonTest(chain.comparison, chain.timePart, numberOf(key, node))];
    default: break;
  }
  if (node.value === null) return [nullValue(key, chain, node)];
  const texts = chain.expand ? expandPlaceholders(node.text, context.placeholders, node, chain.kind === 're' ? quoteRegex : undefined) : [node.text];
  if (!chain.expand && chain.kind === 'text' && isPlaceholder(node.text)) {
    context.warn('rules.unexpanded_placeholder', `'${key}: ${node.text}'; without expand the text is compared as it stands`, node);
  }
  return texts.flatMap((text) => {
    switch (chain.kind) {
      case 're': return [regexValue(key, chain, text, node)];
      case 'cidr': return [cidrTest(text.trim()) ?? refuse('rules.bad_cidr', `'${key}: ${text}'`, node)];
      case 'fieldref': return [fieldReferenceTest(text, chain.cased, chain.position)];
      default: return textValue(key, chain, text, node);
    }
  });
}

function textValue(key: string, chain: ModifierChain, text: string, node: RuleScalar): readonly ValueTest[] {
  const { cased, encodings } = chain;
  const keyword = chain.field === undefined;
  const position = chain.position ?? (keyword ? 'contains' : undefined);
  const operator = [...encodings, position ?? 'equals'].join(' ');
  const pattern = parsePattern(text);
  if (typeof node.value === 'number' && !keyword && position === undefined && encodings.length === 0 && !chain.expand && !cased) {
    return [numberTest(node.value, pattern, node.value)];
  }
  const dashed = encodings.includes('windash') ? withDashes(pattern) : pattern;
  const patterns = encodings.some((encoding) => encoding !== 'windash') ? encoded(key, chain, dashed, node) : [dashed];
  return patterns.map((variant) => patternTest(positioned(variant, position), cased, operator, text));
}

function encoded(key: string, chain: ModifierChain, pattern: Pattern, node: RuleScalar): Pattern[] {
  const texts = writtenOut(pattern);
  if (texts === undefined) refuse('rules.modifier_value', `'${key}: ${node.text}': wildcards cannot be encoded, nor more than ${MAX_DASHES_ENCODED} dashes`, node);
  return texts.flatMap((text) => {
    const variants = encodeText(text, chain.encodings);
    if (variants === undefined) refuse('rules.modifier_value', `'${key}: ${node.text}': the value is too short, or the encodings do not follow each other`, node);
    return variants.map((variant): Pattern => [{ kind: 'text', text: variant }]);
  });
}

/** A pattern with dashes as plain texts. */
function writtenOut(pattern: Pattern): string[] | undefined {
  if (pattern.filter(({ kind }) => kind === 'dash').length > MAX_DASHES_ENCODED) return undefined;
  let texts = [''];
  for (const part of pattern) {
    const choices = part.kind === 'dash' ? [...DASHES] : [plainText([part])];
    texts = texts.flatMap((head) => choices.flatMap((choice) => (choice === undefined ? [] : [head + choice])));
  }
  return texts.length === 0 ? undefined : texts;
}

function regexValue(key: string, chain: ModifierChain, text: string, node: RuleScalar): ValueTest {
  const front = chain.position === 'startswith' ? '^' : '';
  const behind = chain.position === 'endswith' ? '$' : '';
  try {
    return regexTest(compileRegex(front === '' && behind === '' ? text : `${front}(?:${text})${behind}`, chain.regexFlags), text);
  } catch (error) {
    if (error instanceof RangeError) refuse('rules.bad_regex', `'${key}: ${text}': ${error.message}`, node);
    throw error;
  }
}

function quoteRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function nullValue(key: string, chain: ModifierChain, node: RuleScalar): ValueTest {
  if (chain.field === undefined) refuse('rules.modifier_value', 'null cannot be a keyword', node);
  if (chain.kind !== 'text' || chain.position !== undefined || chain.encodings.length > 0) {
    refuse('rules.modifier_value', `'${key}' takes no null; null means that the field is missing`, node);
  }
  return nullTest();
}

function truthValue(key: string, node: RuleScalar): boolean {
  const text = node.text.toLowerCase();
  if (['true', 'yes', 'on'].includes(text)) return true;
  if (['false', 'no', 'off'].includes(text)) return false;
  refuse('rules.modifier_value', `'${key}' takes true or false, not ${describeNode(node)}`, node);
}

function numberOf(key: string, node: RuleScalar): number {
  if (typeof node.value === 'number' && Number.isFinite(node.value)) return node.value;
  refuse('rules.modifier_value', `'${key}' takes a number, not ${typeof node.value === 'string' ? 'the text ' : ''}${describeNode(node)}`, node);
}
