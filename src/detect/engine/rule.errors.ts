import { defineErrors } from '../../kernel/index.js';

/** Everything that makes a rule document unusable. A refused document is not loaded at all: half a rule is a wrong rule. */
export const ruleErrors = defineErrors({
  'rules.not_readable': { status: 422, title: 'The rule file cannot be read', remedy: 'Check that the file exists, is UTF-8 text, is at most 16 MiB long and may be read.' },
  'rules.yaml_syntax': { status: 422, title: 'The document is not valid YAML', remedy: 'Correct the YAML at the line given; quote values that hold characters with a meaning in YAML.' },
  'rules.yaml_too_large': { status: 422, title: 'The document is too deep or expands to too many nodes', remedy: 'Split the document, and write values out instead of nesting YAML aliases.' },
  'rules.not_a_rule': { status: 422, title: 'The document is no Sigma rule, correlation or filter', remedy: 'A document needs one of the keys detection, correlation or filter at its top level, and a title.' },
  'rules.duplicate_key': { status: 422, title: 'A key stands twice in one mapping', remedy: 'YAML keeps only one of the two, so part of the logic would be lost: merge them, or put the second into a selection of its own.' },
  'rules.missing_key': { status: 422, title: 'A mandatory key is missing', remedy: 'Add the key; the Sigma rules specification 2.1 lists the mandatory ones.' },
  'rules.wrong_type': { status: 422, title: 'A value has the wrong type', remedy: 'Write the value in the form that the message names.' },
  'rules.condition_syntax': { status: 422, title: 'The condition cannot be parsed', remedy: 'Use selection names, not, and, or, parentheses, and 1 of / any of / all of with a pattern or them; all in lower case.' },
  'rules.unknown_selection': { status: 422, title: 'The condition uses a selection that does not exist', remedy: 'Name a selection of the detection, or correct the spelling.' },
  'rules.selector_matches_nothing': { status: 422, title: 'A selector of the condition matches no selection', remedy: 'Correct the pattern. A selector for them leaves out names that begin with an underscore.' },
  'rules.unknown_modifier': { status: 422, title: 'A field uses an unknown modifier', remedy: 'Use a modifier of the Sigma modifiers appendix 2.1; the message names the nearest one.' },
  'rules.modifier_order': { status: 422, title: 'Modifiers cannot be combined like this', remedy: 'Encodings come before contains, startswith or endswith; re is the first modifier and takes only i, m, s, contains, startswith and endswith.' },
  'rules.modifier_value': { status: 422, title: 'A value does not suit its modifier', remedy: 'Give the value in the form that the message names, or use another modifier.' },
  'rules.bad_regex': { status: 422, title: 'A regular expression cannot be used', remedy: 'Use the syntax of RE2: no look-around, no back-references, so that matching takes linear time.' },
  'rules.bad_cidr': { status: 422, title: 'A value is not a CIDR network', remedy: 'Write the network address and its prefix length, such as 192.0.2.0/24; bits behind the prefix are zero.' },
  'rules.placeholder_without_value': { status: 422, title: 'A placeholder has no value', remedy: 'Give its values in the placeholders file (--placeholders), as a list under the name of the placeholder.' },
  'rules.aggregation_in_condition': { status: 422, title: 'The condition uses the old aggregation syntax, which Sigma 2 replaced by correlations', remedy: 'Take the aggregation out of the condition and add the correlation that the message shows.' },
  'rules.duplicate_id': { status: 422, title: 'Two documents use the same id', remedy: 'Give each rule an id of its own (a new UUID), or remove the copy.' },
  'rules.unknown_reference': { status: 422, title: 'The document refers to a rule that is not loaded', remedy: 'Refer to a loaded rule by id, name or title, and load both together; a refused rule cannot be referred to.' },
  'rules.ambiguous_reference': { status: 422, title: 'A reference fits more than one rule', remedy: 'Refer to the rule by its id.' },
  'rules.reference_cycle': { status: 422, title: 'Correlations refer to each other in a circle', remedy: 'Remove one of the references.' },
  'rules.filter_logsource': { status: 422, title: 'The logsource of the filter does not cover the rule', remedy: 'Give the filter the logsource of its rules, or a wider one.' },
  'rules.correlation_invalid': { status: 422, title: 'The correlation cannot be used', remedy: 'Correct the key that the message names as in the Sigma correlation rules specification 2.1.' },
});
