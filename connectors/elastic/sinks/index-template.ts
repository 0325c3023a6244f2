/**
 * Template of the data streams `logs-cordon.*-*`. Text becomes keywords, which is how ECS types it; bodies of facts differ by
 * type and are flattened, so that they cannot blow up the mapping. `ecs@mappings` is Elastic's own and used where it exists.
 */
export const TEMPLATE_NAME = 'cordon';

/** Above the 200 of Elastic's own template for `logs-*-*`. */
const PRIORITY = 250;

export const TEMPLATE = {
  index_patterns: ['logs-cordon.*-*'],
  data_stream: {},
  priority: PRIORITY,
  composed_of: ['ecs@mappings'],
  ignore_missing_component_templates: ['ecs@mappings'],
  template: {
    settings: { 'index.mapping.ignore_malformed': true, 'index.mapping.total_fields.ignore_dynamic_beyond_limit': true },
    mappings: {
      dynamic_templates: [{ strings: { match_mapping_type: 'string' as const, mapping: { type: 'keyword' as const, ignore_above: 8191 } } }],
      properties: {
        '@timestamp': { type: 'date' as const },
        message: { type: 'match_only_text' as const },
        cordon: { properties: { fact: { type: 'flattened' as const, ignore_above: 8191 } } },
      },
    },
  },
};
