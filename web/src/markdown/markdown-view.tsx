/** The tree of an answer -> elements of React: nothing that a model wrote becomes HTML. */
import { createElement, Fragment, type ReactNode } from "react";
import type { Block, Inline, TextNode } from "./tree.ts";

export interface MarkdownViewProps {
  blocks: readonly Block[];
  /** What stands behind the sentence of a citation. */
  renderMark?: (citation: number) => ReactNode;
  /** A class for the words of a sentence. */
  classOf?: (citation: number) => string | undefined;
}

export function MarkdownView({ blocks, renderMark, classOf }: MarkdownViewProps) {
  const inline = (children: readonly Inline[]): ReactNode =>
    side(
      children.map((child, i) => {
        if (child.kind === "mark")
          return children[i - 1]?.kind === "text" ? null : renderMark?.(child.citation);
        const mark = children[i + 1];
        return child.kind === "text" && mark?.kind === "mark"
          ? withMark(child, mark.citation)
          : inlineNode(child);
      }),
    );

  /** The mark does not begin a line: the last word goes with it. */
  function withMark(node: TextNode, citation: number): ReactNode {
    const word = /\S{0,16}$/.exec(node.text)![0];
    const head = { ...node, text: node.text.slice(0, node.text.length - word.length) };
    return (
      <>
        {head.text !== "" && inlineNode(head)}
        <span className="together">
          {word !== "" && inlineNode({ ...node, text: word })}
          {renderMark?.(citation)}
        </span>
      </>
    );
  }

  function inlineNode(node: Inline): ReactNode {
    switch (node.kind) {
      case "text":
      case "code": {
        const className = node.citation === undefined ? undefined : classOf?.(node.citation);
        if (node.kind === "code") return <code className={className}>{node.text}</code>;
        return className === undefined ? node.text : <span className={className}>{node.text}</span>;
      }
      case "strong":
        return <strong>{inline(node.children)}</strong>;
      case "emphasis":
        return <em>{inline(node.children)}</em>;
      case "strike":
        return <s>{inline(node.children)}</s>;
      case "link":
        return (
          <a href={node.href} target="_blank" rel="noopener noreferrer nofollow">
            {inline(node.children)}
          </a>
        );
      case "break":
        return <br />;
      case "mark":
        return renderMark?.(node.citation);
    }
  }

  function block(node: Block): ReactNode {
    switch (node.kind) {
      case "paragraph":
        return <p>{inline(node.children)}</p>;
      case "heading":
        // The question above is an h2, what stands around the answer an h3.
        return createElement(
          `h${Math.min(6, node.level + 3)}`,
          { "data-level": node.level },
          inline(node.children),
        );
      case "fence":
        return (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with keys
          <pre tabIndex={0}>
            <code>{inline(node.children)}</code>
          </pre>
        );
      case "quote":
        return <blockquote>{list(node.blocks)}</blockquote>;
      case "list": {
        const items = side(node.items.map((item) => <li>{tight(item)}</li>));
        return node.first === undefined ? <ul>{items}</ul> : <ol start={node.first}>{items}</ol>;
      }
      case "table":
        return (
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with keys
          <div className="table" tabIndex={0}>
            <table>
              <thead>
                <tr>{side(node.head.map((cell) => <th>{inline(cell)}</th>))}</tr>
              </thead>
              <tbody>
                {side(node.rows.map((row) => <tr>{side(row.map((cell) => <td>{inline(cell)}</td>))}</tr>))}
              </tbody>
            </table>
          </div>
        );
      case "rule":
        return <hr />;
    }
  }

  const list = (nodes: readonly Block[]): ReactNode => side(nodes.map(block));

  /** An item that begins with a paragraph begins with its text. */
  const tight = (nodes: readonly Block[]): ReactNode =>
    side(
      nodes.map((node, i) => (node.kind === "paragraph" && i === 0 ? inline(node.children) : block(node))),
    );

  return list(blocks);
}

/** Side by side: they never change places, so they need no keys. */
const side = (nodes: readonly ReactNode[]): ReactNode => createElement(Fragment, null, ...nodes);
