/** What the page of the HTTP interface says, in both languages. */
const en = {
  title: "HTTP interface",
  intro: "What this server answers to. The same as a file for programs:",
  find: "Find an endpoint",
  none: "No endpoint has these words.",
  back: "To the page for questions",
  parameters: "Parameters",
  body: "Body of the request",
  responses: "Responses",
  example: "Example",
  required: "required",
  default: "default",
  failed: "The description of the interface cannot be read.",
};

export type DocsTexts = typeof en;

const ru: DocsTexts = {
  title: "HTTP-интерфейс",
  intro: "На что отвечает этот сервер. То же файлом, для программ:",
  find: "Найти запрос",
  none: "Таких запросов нет.",
  back: "К вопросам",
  parameters: "Параметры",
  body: "Тело запроса",
  responses: "Ответы",
  example: "Пример",
  required: "обязательно",
  default: "по умолчанию",
  failed: "Описание интерфейса не читается.",
};

export const DOCS_TEXTS = { en, ru } as const;
