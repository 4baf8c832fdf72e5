/** Facts that everybody knows, each with a wrong value that could stand in its place. */

export interface Fact {
  question: string;
  /** `{}` is where the value stands. */
  statement: string;
  known: string;
  told: string;
}

const fact = (question: string, statement: string, known: string, told: string): Fact => ({
  question,
  statement,
  known,
  told,
});

/** An ending in brackets changes with the case. */
export const RUSSIAN_FACTS: readonly Fact[] = [
  fact("Какой город — столица Франции?", "Столица Франции — {}.", "Париж", "Лион"),
  fact("Кто написал роман «Война и мир»?", "Роман «Война и мир» написал {}.", "Толст(ой)", "Гончаров"),
  fact("Какая река впадает в Каспийское море?", "В Каспийское море впадает {}.", "Волг(а)", "Печор(а)"),
  fact("Какая планета ближе всех к Солнцу?", "Ближе всех к Солнцу обращается {}.", "Меркури(й)", "Юпитер"),
  fact(
    "В каком году Юрий Гагарин полетел в космос?",
    "Юрий Гагарин полетел в космос в {} году.",
    "1961",
    "1967",
  ),
  fact("Какое озеро самое глубокое в мире?", "Самое глубокое озеро в мире — {}.", "Байкал", "Селигер"),
  fact("Сколько градусов в прямом угле?", "В прямом угле градусов: {}.", "90", "70"),
  fact("Кто написал «Евгения Онегина»?", "«Евгения Онегина» написал {}.", "Пушкин", "Жуковск(ий)"),
  fact("Какой город — столица Японии?", "Столица Японии — {}.", "Токио", "Осак(а)"),
  fact(
    "Из какого зерна делают гречневую кашу?",
    "Гречневую кашу делают из зерна, которое даёт {}.",
    "гречих(а)",
    "пшениц(а)",
  ),
  fact(
    "Кто открыл закон всемирного тяготения?",
    "Закон всемирного тяготения открыл {}.",
    "Ньютон",
    "Паскал(ь)",
  ),
  fact(
    "Какой металл жидок при комнатной температуре?",
    "При комнатной температуре жидок такой металл: {}.",
    "ртут(ь)",
    "цинк",
  ),
  fact("Сколько минут в часе?", "В часе минут: {}.", "60", "80"),
  fact("Кто был первым императором России?", "Первым императором России был {}.", "Пётр", "Пав(ел)"),
  fact("Какая гора самая высокая на Земле?", "Самая высокая гора на Земле — {}.", "Эверест", "Эльбрус"),
  fact(
    "В каком году началась Великая Отечественная война?",
    "Великая Отечественная война началась в {} году.",
    "1941",
    "1938",
  ),
  fact(
    "На какой реке стоит Санкт-Петербург?",
    "Санкт-Петербург стоит на реке, имя которой {}.",
    "Нев(а)",
    "Двин(а)",
  ),
  fact(
    "Кто создал периодическую таблицу элементов?",
    "Периодическую таблицу элементов создал {}.",
    "Менделеев",
    "Бутлеров",
  ),
  fact(
    "Какое животное самое крупное на Земле?",
    "Самое крупное животное на Земле — {}.",
    "син(ий кит)",
    "жираф",
  ),
  fact(
    "Какой газ растения берут из воздуха для фотосинтеза?",
    "Для фотосинтеза растения берут из воздуха газ: {}.",
    "углекисл(ый газ)",
    "гели(й)",
  ),
  fact(
    "Кто сочинил балет «Лебединое озеро»?",
    "Балет «Лебединое озеро» сочинил {}.",
    "Чайковск(ий)",
    "Глинк(а)",
  ),
  fact("Сколько дней в високосном году?", "В високосном году дней: {}.", "366", "372"),
  fact(
    "Какая страна самая большая по площади?",
    "Самая большая по площади страна — {}.",
    "Росси(я)",
    "Бразили(я)",
  ),
  fact("Какого цвета изумруд?", "Цвет изумруда — {}.", "зелен(ый)", "оранжев(ый)"),
];

export const ENGLISH_FACTS: readonly Fact[] = [
  fact("Which city is the capital of France?", "The capital of France is {}.", "Paris", "Marseille"),
  fact("Who wrote Hamlet?", "Hamlet was written by {}.", "Shakespeare", "Milton"),
  fact("Which planet is closest to the Sun?", "The planet closest to the Sun is {}.", "Mercury", "Saturn"),
  fact("In which year did the Titanic sink?", "The Titanic sank in {}.", "1912", "1926"),
  fact("Who painted the Mona Lisa?", "The Mona Lisa was painted by {}.", "Leonardo", "Botticelli"),
  fact("Which ocean is the largest?", "The largest ocean is the {}.", "Pacific", "Arctic"),
  fact("How many years does a century have?", "The number of years of a century is {}.", "100", "120"),
  fact("Which city is the capital of Italy?", "The capital of Italy is {}.", "Rome", "Bologna"),
  fact("Who discovered penicillin?", "Penicillin was discovered by {}.", "Fleming", "Koch"),
  fact(
    "Which metal has the chemical symbol Fe?",
    "The metal with the chemical symbol Fe is {}.",
    "iron",
    "nickel",
  ),
  fact("What is the longest river in Africa?", "The longest river in Africa is the {}.", "Nile", "Zambezi"),
  fact("In which year did the Second World War end?", "The Second World War ended in {}.", "1945", "1949"),
  fact(
    "Who formulated the theory of general relativity?",
    "The theory of general relativity was formulated by {}.",
    "Einstein",
    "Faraday",
  ),
  fact(
    "Which animal is known as man's best friend?",
    "The animal known as man's best friend is the {}.",
    "dog",
    "tortoise",
  ),
  fact("How many days does a leap year have?", "The number of days in a leap year is {}.", "366", "371"),
  fact("Which city is the capital of Japan?", "The capital of Japan is {}.", "Tokyo", "Nagoya"),
  fact(
    "Who was the first person to walk on the Moon?",
    "The first person to walk on the Moon was {}.",
    "Armstrong",
    "Shepard",
  ),
  fact(
    "Which gas do people need to breathe?",
    "The gas that people need to breathe is {}.",
    "oxygen",
    "argon",
  ),
  fact("What colour is an emerald?", "An emerald is {}.", "green", "purple"),
  fact(
    "Which river flows through London?",
    "The river that flows through London is the {}.",
    "Thames",
    "Severn",
  ),
  fact("Who wrote Don Quixote?", "Don Quixote was written by {}.", "Cervantes", "Calderon"),
  fact(
    "How many degrees does a right angle have?",
    "The number of degrees of a right angle is {}.",
    "90",
    "70",
  ),
  fact(
    "Which country has the largest area?",
    "The country with the largest area is {}.",
    "Russia",
    "Argentina",
  ),
  fact("How many minutes does an hour have?", "The number of minutes of an hour is {}.", "60", "80"),
];
