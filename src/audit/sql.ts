export const INSERT_AUDIT_ROWS = `
  INSERT INTO audit_row (id, at, action, actor, target, detail)
  SELECT id, $2, action, actor, target, detail::jsonb FROM unnest($1::uuid[], $3::text[], $4::text[], $5::text[], $6::text[]) AS entry (id, action, actor, target, detail)`;
