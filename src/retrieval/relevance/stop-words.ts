/** Words that say nothing about what a text is about: function words and question words, Russian and English. */

const RUSSIAN =
  "а без более бы был была были было быть в вам вас ведь весь во вот все всего всех вы где да даже для до его ее " +
  "если есть еще же за зачем здесь и из или им их к как какая какие каким какими каких какого какое какой каком " +
  "какому какую каков какова каково каковы ко когда кого кем ком кому кто куда ли либо между меня мне мной может можно мой мы на над надо нам нас наш " +
  "насколько не него нее ней нет ни них но ну о об обо однако он она они оно от откуда отчего очень по под пока " +
  "почему при про с сколькими скольких сколько скольким со так также такой такое такая такие там те тем то того тоже той только " +
  "том тот ту ты у уже хотя чего чей чем чему что чтобы чье чьи чьих чьим чью чья чьей эта эти это этим этих этого этой этом " +
  "этот эту я который которая которое которые которых которого которой которым которыми котором которую " +
  "является являются являлся являлась являлось являлись";

const ENGLISH =
  "a about am an and any are as at be been being both but by can can't cannot could couldn't did didn't do " +
  "does doesn't doing don't done for from had has have having he her here hers him his how i i'm if in into " +
  "is isn't it it's its just me my no nor not of on once onto or our out own s she should so some such than " +
  "that the their them then there these they this those through to too us was wasn't we were what what's " +
  "whatever when where which while who who's whom whose why will with won't would you your";

export const STOP_WORDS: ReadonlySet<string> = new Set(`${RUSSIAN} ${ENGLISH}`.split(" "));
