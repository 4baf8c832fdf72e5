/** The tree of an answer -> elements of React: nothing that a model wrote becomes HTML. */
import { createElement, Fragment, type ReactNode } from "react";
import { isText, type ParentNode, type TextNode } from "./tree.ts";

export interface MarkdownViewProps {
  tree: ParentNode;
  /** What stands behind the sentence of a citation. */
  renderMark: (citation: number) => ReactNode;
  /** A class for the words of a sentence. */
  classOf: (citation: number) => string | undefined;
}

export function MarkdownView({ tree, renderMark, classOf }: MarkdownViewProps) {
  const inside = ({ children }: ParentNode): ReactNode =>
    side(
      children.map((child, i) => {
        const mark = children[i + 1];
        if (isText(child)) return mark?.type === "mark" ? withMark(child, mark.citation) : text(child);
        if (child.type !== "mark") return element(child);
        return isText(children[i - 1]) ? null : renderMark(child.citation);
      }),
    );

  /** The mark does not begin a line: the last word goes with it. */
  function withMark(node: TextNode, citation: number): ReactNode {
    const word = /\S{0,16}$/.exec(node.value)![0];
    const head = { ...node, value: node.value.slice(0, node.value.length - word.length) };
    return (
      <>
        {head.value !== "" && text(head)}
        <span className="together">
          {word !== "" && text({ ...node, value: word })}
          {renderMark(citation)}
        </span>
      </>
    );
  }

  function text({ type, value, citation }: TextNode): ReactNode {
    const className = citation === undefined ? undefined : classOf(citation);
    if (type === "inlineCode") return <code className={className}>{value}</code>;
    return className === undefined ? value : <span className={className}>{value}</span>;
  }

  function element(node: ParentNode): ReactNode {
    switch (node.type) {
      case "root":
        return inside(node);
      case "plain":
        return <p className="plain">{inside(node)}</p>;
      case "paragraph":
        return <p>{inside(node)}</p>;
      case "heading":
        // The question above is an h2, what stands around the answer an h3.
        return createElement(`h${Math.min(6, node.depth + 3)}`, { "data-level": node.depth }, inside(node));
      case "code":
        return (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with keys
          <pre tabIndex={0}>
            <code>{inside(node)}</code>
          </pre>
        );
      case "blockquote":
        return <blockquote>{inside(node)}</blockquote>;
      case "list":
        return node.start === undefined ? (
          <ul>{inside(node)}</ul>
        ) : (
          <ol start={node.start}>{inside(node)}</ol>
        );
      case "listItem":
        return <li>{inside(tight(node))}</li>;
      case "table":
        return table(node.children as ParentNode[]);
      case "tableRow":
        return <tr>{inside(node)}</tr>;
      case "tableCell":
        return <td>{inside(node)}</td>;
      case "thematicBreak":
        return <hr />;
      case "strong":
        return <strong>{inside(node)}</strong>;
      case "emphasis":
        return <em>{inside(node)}</em>;
      case "link":
        return (
          <a href={node.url} target="_blank" rel="noopener noreferrer nofollow">
            {inside(node)}
          </a>
        );
      case "break":
        return <br />;
    }
  }

  function table([head, ...rows]: ParentNode[]): ReactNode {
    return (
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with keys
      <div className="table" tabIndex={0}>
        <table>
          <thead>
            <tr>{side((head!.children as ParentNode[]).map((cell) => <th>{inside(cell)}</th>))}</tr>
          </thead>
          <tbody>{side(rows.map(element))}</tbody>
        </table>
      </div>
    );
  }

  return element(tree);
}

/** An item that begins with a paragraph begins with its text. */
function tight(item: ParentNode): ParentNode {
  const [first, ...rest] = item.children;
  return first?.type === "paragraph" ? { ...item, children: [...first.children, ...rest] } : item;
}

/** Side by side: they never change places, so they need no keys. */
const side = (nodes: readonly ReactNode[]): ReactNode => createElement(Fragment, null, ...nodes);
