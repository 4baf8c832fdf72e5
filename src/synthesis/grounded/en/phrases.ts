/** English phrasings that belong to no attribute: yes-no, joined questions, refusals, fillers. The last fifth is held out. */

export const YES_NO = [
  "is it true that {c}?",
  "is it correct that {c}?",
  "{c}, right?",
  "{c}?",
  "am I right that {c}?",
  "do the documents say that {c}?",
  "tell me, is it true that {c}?",
  "{c}, correct?",
  "can one say that {c}?",
  "is it the case that {c}?",
  "do the documents confirm that {c}?",
];

/** Around a clause `{c}` in a document, around a question `{q}` without its mark. */
export const AROUND_STATEMENT = [
  "as is well known, {c}",
  "witnesses say that {c}",
  "the book says that {c}",
  "note that {c}",
  "{c}, as everyone knows",
  "it is certain that {c}",
  "recall that {c}",
  "the report states that {c}",
  "sources report that {c}",
  "{c}, the papers say",
];

export const AROUND_QUESTION = [
  "tell me: {q}?",
  "a question: {q}?",
  "please answer: {q}?",
  "I wonder: {q}?",
  "{q}, according to the documents?",
  "quick question: {q}?",
  "{q}, please?",
  "one more thing: {q}?",
  "be so kind: {q}?",
];

export const JOIN_QUESTIONS = [
  "{1} and {2}?",
  "{1}, and {2}?",
  "{1}? And {2}?",
  "two questions: {1} and {2}?",
  "please answer: {1} and {2}?",
  "{1} and also {2}?",
  "I have two questions: {1}, and {2}?",
];

export const COMPARE = [
  "compare the {l} of {e} and {f}.",
  "name the {l} of {e} and of {f}.",
  "what are {e.g} and {f.g} {l}?",
  "{l} of {e} and {f}?",
  "{e} and {f}: what is the {l} of each?",
  "what is the {l} of {e}, and what is that of {f}?",
  "how do {e} and {f} differ in {l}?",
  "give the {l} for {e} and for {f}.",
  "set {e} against {f} in {l}.",
];

export const BOTH = [
  "name the {l} and the {k} of {e}.",
  "tell me the {l} and the {k} of {e}.",
  "{l} and {k} of {e}?",
  "{e}: {l} and {k}?",
  "I need to know the {l} and the {k} of {e}.",
  "give {e.g} {l} and {k}.",
  "find the {l} and the {k} of {e}.",
];

export const TOPICS = [
  "{e}",
  "{e}",
  "{e}",
  "{e}",
  "tell me about {e}.",
  "what is known about {e}?",
  "what is said about {e}?",
  "everything about {e}",
  "what do you know about {e}?",
  "describe {e}.",
];

export const FILLERS = [
  "{e} is often in the papers",
  "there is a whole article about {e}",
  "many have heard of {e}",
  "{e} is the subject of this text",
  "this text is about {e}",
  "people still argue about {e}",
  "little more is written about {e}",
  "{e} is mentioned in many articles",
];

export const REFUSALS = [
  "There is no answer to this question in the knowledge base.",
  "Unfortunately, the knowledge base holds no answer to your question.",
  "There is no answer to this question in the documents.",
  "The provided documents do not contain the information needed.",
  "I found no answer in the knowledge base.",
  "The knowledge base does not contain an answer to this question.",
  "The documents do not contain an answer to this question.",
  "Unfortunately, the documents do not say anything about this.",
  "The knowledge base says nothing about this.",
  "No answer: the knowledge base has no such information.",
  "I cannot answer: there is no such information in the documents.",
  "No answer to this question was found in the knowledge base.",
  "The answer to this question is not in the provided documents.",
];

export const REFUSAL_PATTERN =
  /\b(?:no answer|do(?:es)? not contain|do(?:es)? not say|says nothing|no such information|cannot answer|is not in the)\b/i;

export const HEADINGS = ["Details", "Facts", "In brief", "Overview", "Summary"];
