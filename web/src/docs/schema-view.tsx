/** The fields of a schema, and of what is inside them, as nested lists. */
import type { DocsTexts } from "./docs-texts.ts";
import { fieldsOf, type OpenApi, resolve, type Schema, typeText } from "./openapi.ts";

export interface SchemaViewProps {
  document: OpenApi;
  schema: Schema;
  texts: DocsTexts;
  depth?: number;
}

const MAX_DEPTH = 5;

export function SchemaView({ document, schema, texts, depth = 0 }: SchemaViewProps) {
  const fields = depth < MAX_DEPTH ? fieldsOf(document, schema) : [];
  if (fields.length === 0) return null;
  return (
    <ul className="schema">
      {fields.map(([name, part, isRequired]) => (
        <Field
          key={name}
          name={name}
          document={document}
          schema={part}
          isRequired={isRequired}
          texts={texts}
          depth={depth}
        />
      ))}
    </ul>
  );
}

export interface FieldProps extends SchemaViewProps {
  name: string;
  isRequired: boolean;
}

export function Field({ name, document, schema, isRequired, texts, depth = 0 }: FieldProps) {
  const own = resolve(document, schema);
  const about = schema.description ?? own.description;
  return (
    <li>
      <code className="field-name">{name}</code> <span className="quiet">{typeText(document, schema)}</span>
      {isRequired && <span className="required"> {texts.required}</span>}
      {own.default !== undefined && (
        <span className="quiet">
          {" "}
          · {texts.default} <code>{JSON.stringify(own.default)}</code>
        </span>
      )}
      {about !== undefined && <p>{about}</p>}
      <SchemaView document={document} schema={schema} texts={texts} depth={depth + 1} />
    </li>
  );
}
