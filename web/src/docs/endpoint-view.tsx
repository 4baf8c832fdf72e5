/** One endpoint: closed, its method, path and summary; open, all that goes in and comes out. */
import { useState } from "react";
import type { DocsTexts } from "./docs-texts.ts";
import { type Body, curlOf, type Endpoint, type OpenApi } from "./openapi.ts";
import { Field, SchemaView } from "./schema-view.tsx";

export interface EndpointViewProps {
  document: OpenApi;
  endpoint: Endpoint;
  texts: DocsTexts;
}

export function EndpointView({ document, endpoint, texts }: EndpointViewProps) {
  const { id, method, path, summary } = endpoint;
  // What it holds is made when it is first opened.
  const [wasOpened, setWasOpened] = useState(location.hash === `#${id}`);
  return (
    <details
      id={id}
      className="endpoint"
      open={location.hash === `#${id}` || undefined}
      onToggle={(event) => event.currentTarget.open && setWasOpened(true)}
    >
      <summary>
        <h2>
          <span className="method">{method}</span> <code>{path}</code>
        </h2>
        <span className="quiet">{summary}</span>
      </summary>
      {wasOpened && <Details document={document} endpoint={endpoint} texts={texts} />}
    </details>
  );
}

function Details({ document, endpoint, texts }: EndpointViewProps) {
  const { description, parameters, bodies, responses } = endpoint;
  return (
    <div className="endpoint-body">
      {description !== "" && <p>{description}</p>}
      {parameters.length > 0 && (
        <section>
          <h3>{texts.parameters}</h3>
          <ul className="schema">
            {parameters.map(({ name, in: place, schema = {}, required = false, description: about }) => (
              <Field
                key={`${place}.${name}`}
                name={`${name} · ${place}`}
                document={document}
                schema={about === undefined ? schema : { ...schema, description: about }}
                isRequired={required}
                texts={texts}
              />
            ))}
          </ul>
        </section>
      )}
      {bodies.length > 0 && (
        <section>
          <h3>{texts.body}</h3>
          <Bodies document={document} bodies={bodies} texts={texts} />
        </section>
      )}
      <section>
        <h3>{texts.example}</h3>
        <Code text={curlOf(location.origin, endpoint)} />
      </section>
      <section>
        <h3>{texts.responses}</h3>
        {responses.map(({ status, description: about, bodies: answers }) => (
          <div key={status} className="response">
            <p>
              <code>{status}</code> {about}
            </p>
            <Bodies document={document} bodies={answers} texts={texts} />
          </div>
        ))}
      </section>
    </div>
  );
}

function Bodies({
  document,
  bodies,
  texts,
}: {
  document: OpenApi;
  bodies: readonly Body[];
  texts: DocsTexts;
}) {
  return bodies.map(({ type, schema, example }) => (
    <div key={type}>
      <p className="quiet">
        <code>{type}</code>
      </p>
      {schema && <SchemaView document={document} schema={schema} texts={texts} />}
      {example !== undefined && <Code text={JSON.stringify(example, null, 2)} />}
    </div>
  ));
}

function Code({ text }: { text: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with keys
    <pre tabIndex={0}>
      <code>{text}</code>
    </pre>
  );
}
