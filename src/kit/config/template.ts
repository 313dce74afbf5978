import { BAD, type Bad, type Cursor } from './cursor.ts';
import { ATTRIBUTES, type AttributeName } from './field-names.ts';
import { nearMiss } from './near-miss.ts';
import { oneOf } from './maps.ts';
import { either, list, mismatch, required, type JsonSchema, type Shape } from './shapes.ts';
import { word } from './words.ts';

/** Text as it is, or an attribute of the person. */
export type Part = string | { readonly attribute: AttributeName };
export type Template = readonly Part[];
/** The first of these that yields something; none at all: always empty. */
export type Rule = readonly Template[];

/** Exchange takes some 255 characters in most fields. */
const TEXT_LONGEST = 255;
const EXPECTED = 'an attribute, text with {attributes}, or text';

/**
 * `jobTitle` is the attribute, `"{surname}, {givenName}"` a template, `Contoso Ltd.` text. A single word that begins in
 * lower case is meant as an attribute, so that a slip of the pen does not stand on everybody's phone.
 */
const template: Shape<Template> = {
  expected: EXPECTED,
  json: { type: 'string', maxLength: TEXT_LONGEST },
  read(cursor) {
    const text = cursor.scalar();
    if (typeof text !== 'string') return mismatch(cursor, EXPECTED);
    if (text.length > TEXT_LONGEST) return cursor.fail(`expected at most ${TEXT_LONGEST} characters`);
    if (text.trim() === '') return [];
    if (/^[a-z][A-Za-z0-9]*$/.test(text)) {
      const attribute = attributeAt(cursor, text);
      return attribute === BAD ? BAD : [{ attribute }];
    }
    return partsOf(cursor, text);
  },
};

function partsOf(cursor: Cursor, text: string): Template | Bad {
  const parts: Part[] = [];
  // Splitting by a group puts what it caught at every odd place.
  for (const [index, piece] of text.split(/\{([^{}]*)\}/).entries()) {
    if (index % 2 === 1) {
      const attribute = attributeAt(cursor, piece);
      if (attribute === BAD) return BAD;
      parts.push({ attribute });
    } else if (/[{}]/.test(piece)) {
      return cursor.fail('braces stand around the name of one attribute, as in "{surname}, {givenName}"');
    } else if (piece !== '') parts.push(piece);
  }
  return parts;
}

function attributeAt(cursor: Cursor, name: string): AttributeName | Bad {
  const found = ATTRIBUTES.find((one) => one === name);
  if (found !== undefined) return found;
  const meant = nearMiss(name, ATTRIBUTES);
  return cursor.fail(
    meant === undefined
      ? `no such attribute: expected one of ${ATTRIBUTES.join(', ')}; a text of one word is written {text: ...}`
      : `no such attribute: did you mean ${meant}?`,
  );
}

const literal: Shape<Template> = word({
  expected: `text of 1 to ${TEXT_LONGEST} characters`,
  json: { minLength: 1, maxLength: TEXT_LONGEST },
  parse: (text) => (text.trim() === '' || text.length > TEXT_LONGEST ? undefined : [text]),
});

const chosen = oneOf<Rule>({
  first: required(list(template, { min: 1, max: 10 }), 'The first of these that yields something.'),
  text: required(asRule(literal), 'This very text.'),
});

const spelled: Shape<Rule> = either(asRule(template), ruleOf(chosen));

/** What fills one text: a template, `{first: [...]}` or `{text: ...}`. In the JSON Schema it stands once, under a name. */
export const rule: Shape<Rule> = { ...spelled, json: { $ref: '#/definitions/filling' } };
export const FILLING_DEFINITION: JsonSchema = { filling: spelled.json };

function asRule(shape: Shape<Template>): Shape<Rule> {
  return mapped(shape, (parts) => (parts.length === 0 ? [] : [parts]));
}

function ruleOf(shape: typeof chosen): Shape<Rule> {
  return mapped(shape, ({ value }) => value);
}

function mapped<From, To>(shape: Shape<From>, to: (value: From) => To): Shape<To> {
  return {
    ...shape,
    read: (cursor) => {
      const value = shape.read(cursor);
      return value === BAD ? BAD : to(value);
    },
  };
}
