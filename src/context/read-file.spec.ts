import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readFile } from './read-file.js';
import { rowLines } from './row-lines.js';

const lines = (name: string, content: string) => readFile({ name, content }).map(({ line, type, value }) => ({ line, type, value }));

describe('readFile', () => {
  it('reads CSV with quotes, byte order mark, empty lines and either line end', () => {
    const content = '\uFEFFPerson_ID, name ,break_glass,manager\r\nE-1,"Quinn, ""Avery""",YES,\r\n\r\nE-2,,0,-\r\n';
    expect(lines('people.CSV', content)).toEqual([
      { line: 2, type: 'person', value: { id: 'E-1', name: 'Quinn, "Avery"', break_glass: true } },
      { line: 4, type: 'person', value: { id: 'E-2', break_glass: false, manager: '-' } },
    ]);
  });

  it('splits lists and leaves words that are no flags to the check', () => {
    expect(lines('a.csv', 'account_id,aliases,break_glass\na,x; y ;,perhaps\n')).toEqual([{ line: 2, type: 'account', value: { id: 'a', aliases: ['x', 'y'], break_glass: 'perhaps' } }]);
  });

  it('reads JSON with the line of each row, null as not stated', () => {
    const content = '{\n "people": [{"id": "E-1", "team": null},\n  {"id":"E-2"}\n ],\n "endpoints": [\n {"id": "x"}]\n}';
    expect(lines('all.json', content)).toEqual([
      { line: 2, type: 'person', value: { id: 'E-1' } },
      { line: 3, type: 'person', value: { id: 'E-2' } },
      { line: 6, type: 'endpoint', value: { id: 'x' } },
    ]);
  });

  it.each([
    ['people.txt', 'x', /neither/],
    ['people.csv', 'id,name\n1,2\n', /exactly one of person_id/],
    ['people.csv', 'person_id,account_id\n1,2\n', /exactly one of person_id/],
    ['people.csv', 'person_id,name,Name\n1,2,3\n', /"name" twice/],
    ['people.csv', 'person_id,name\n1\n', /line 2/],
    ['people.csv', 'person_id\n"1\n', /quote/i],
    ['people.json', '{"people": [', /not JSON/],
    ['people.json', '[]', /must be an object/],
    ['people.json', '{"persons": []}', /"persons"/],
    ['people.json', '{"people": {}}', /must be a list/],
  ])('refuses %s with %j', (name, content, detail) => {
    expect(() => readFile({ name, content })).toThrow(expect.objectContaining({ code: 'context.file_unreadable', message: expect.stringMatching(detail) }));
  });

  it('knows the line of every item whatever the JSON holds', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.array(fc.jsonValue(), { maxLength: 5 })), (document) => {
        const found = rowLines(JSON.stringify(document, null, 1));
        // Printed with an indent, an item stands on a line of its own: counting lines of what precedes gives the same.
        let line = 1;
        for (const [member, items] of Object.entries(document)) {
          line += 1;
          const expected = items.map((item) => {
            const start = line + 1;
            line += JSON.stringify(item, null, 1).split('\n').length;
            return start;
          });
          expect([member, found.get(member)]).toEqual([member, expected]);
          if (items.length > 0) line += 1;
        }
      }),
    );
  });
});
